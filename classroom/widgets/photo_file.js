// A photograph from a file. It travels in parts, each after the one before has arrived, so that no server's limit on a
// message stops it, and one sees how far it is.
const PART = 1 << 20; // bytes
const MB = (bytes) => (bytes / 1e6).toFixed(1);

function render({ model, el }) {
  const box = panel(el, "ck-photo-file");
  const choose = button(box, "ck-choose", "Your photograph", () => input.click());
  const input = html(box, "input", { type: "file", accept: "image/*,.heic,.heif", hidden: "", "aria-label": "Your photograph" });
  const bar = html(box, "progress", { class: "ck-sent", max: 1, value: 0, hidden: "", "aria-label": "Sent" });
  const said = live(box, "ck-said");
  let file = null, sent = 0;

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

  input.addEventListener("change", () => {
    [file] = input.files;
    input.value = "";
    if (!file) return;
    sent = 0;
    bar.hidden = false;
    choose.disabled = true;
    model.send({ kind: "begin", name: file.name });
  });

  const heard = (message) => {
    if (message.kind === "next") sendPart();
    if (message.kind === "done") {
      file = null;
      bar.hidden = true;
      choose.disabled = false;
      said.textContent = "";
    }
  };
  model.on("msg:custom", heard);
  return () => model.off?.("msg:custom", heard);
}

export default { render };
