// A camera that is asked only when the button is pressed; the picture goes to the Python beside it and nowhere else.
const OWN = `
.ck-camera video { display: block; max-width: 320px; margin: 6px 0; border-radius: 4px; transform: scaleX(-1); }
.ck-camera [hidden] { display: none; }`;
const WORDS = {
  NotAllowedError: "The browser was not allowed to use the camera: allow it in the address bar, or upload a photograph.",
  NotFoundError: "There is no camera: upload a photograph.",
  NotReadableError: "Another program uses the camera: close it, or upload a photograph.",
};

function render({ model, el }) {
  const box = panel(el, "ck-camera", OWN);
  const start = button(box, "ck-start", "Camera", open), shoot = button(box, "ck-shoot", "Take the picture", take);
  const video = html(box, "video", { "aria-label": "What the camera sees", playsinline: "" });
  const said = live(box, "ck-said");
  let stream = null;
  video.muted = true;
  const show = (on) => {
    shoot.hidden = video.hidden = !on;
    start.hidden = on;
  };
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    show(false);
  };
  async function open() {
    said.textContent = "";
    try {
      if (!navigator.mediaDevices) throw { name: "no camera on this page", message: "open it as 127.0.0.1 or with https" };
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } }, audio: false });
      video.srcObject = stream;
      await video.play();
      show(true);
    } catch (error) {
      stop();
      said.textContent = WORDS[error.name] ?? `The camera cannot be used (${error.name}: ${error.message}): upload a photograph.`;
    }
  }
  function take() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    stop();
    send(model, "shot", canvas.toDataURL("image/jpeg", 0.9));
  }
  show(false);
  return stop;
}

export default { render };
