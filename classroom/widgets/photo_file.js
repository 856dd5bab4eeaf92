// Photographs from files. Each travels in parts, one after the other has arrived, so that no server's limit on a message
// stops it, and one sees how far it is. Where Python asks for it, the browser makes them smaller first.
const PART = 1 << 20; // bytes
const MB = (bytes) => (bytes / 1e6).toFixed(1);

// The photograph upright, its longer side at most so long; as it is, if it is no larger or the browser cannot read it.
async function smaller(file, longest) {
  const picture = longest && (await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null));
  const scale = picture ? longest / Math.max(picture.width, picture.height) : 1;
  if (scale >= 1) return file;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const paper = canvas.getContext("2d");
  Object.assign(paper, { imageSmoothingQuality: "high", fillStyle: "white" });
  paper.fillRect(0, 0, canvas.width, canvas.height); // under what is transparent
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => canvas.toBlob((small) => done(small ?? file), "image/jpeg", 0.95));
}

function render({ model, el }) {
  const box = panel(el, "ck-photo-file"), words = model.get("words");
  const choose = button(box, "ck-choose", words, () => input.click());
  const input = html(box, "input", { type: "file", accept: "image/*,.heic,.heif", hidden: "", "aria-label": words });
  const bar = html(box, "progress", { class: "ck-sent", max: 1, value: 0, hidden: "", "aria-label": "Sent" });
  const said = live(box, "ck-said");
  let waiting = [], file = null, sent = 0;
  input.multiple = model.get("several");

  async function sendPart() {
    if (!file) return;
    if (sent >= file.size) {
      said.textContent = "Reading it …";
      model.send({ kind: "end" });
      return;
    }
    const part = await file.slice(sent, sent + PART).arrayBuffer();
    sent += part.byteLength;
    bar.value = sent / file.size;
    said.textContent = `Sending ${MB(sent)} of ${MB(file.size)} MB …`;
    model.send({ kind: "part" }, undefined, [part]);
  }

  async function sendNext() {
    const next = waiting.shift();
    file = null;
    bar.hidden = !next;
    choose.disabled = Boolean(next);
    said.textContent = next ? `Making ${next.name} smaller …` : "";
    if (!next) return;
    file = await smaller(next, model.get("longest_side"));
    sent = 0;
    model.send({ kind: "begin", name: next.name });
  }

  input.addEventListener("change", () => {
    waiting = [...input.files];
    input.value = "";
    sendNext();
  });

  const heard = (message) => {
    if (message.kind === "next") sendPart();
    if (message.kind === "done") sendNext();
  };
  model.on("msg:custom", heard);
  return () => model.off?.("msg:custom", heard);
}

export default { render };
