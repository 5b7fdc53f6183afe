// Takes one picture: chosen or dropped, made smaller in the browser, and uploaded with a fresh token.
// The field `name` then holds its address.
import { useEffect, useRef, useState } from "react";

const UPLOAD = "/api/manage/pictures";
const MAX_WIDTH = 1600; // pixels; the server keeps no more
const SMALL_ENOUGH = 1024 * 1024; // bytes that are sent as they are
const TIMEOUT = 120000;
const PROBLEMS = { 401: "signed_out", 413: "too_large", 415: "wrong_type", 422: "damaged" };
const KNOWN = ["image/jpeg", "image/png", "image/webp"];

// Returns the file, or a smaller JPEG of what the browser can read. It also turns formats that only
// this browser knows, such as HEIC, into JPEG.
async function smaller(file) {
  if (file.size <= SMALL_ENOUGH && KNOWN.includes(file.type)) return file;
  if (!file.type.startsWith("image/") || file.type === "image/svg+xml" || file.type === "image/gif") {
    return file; // the server says what is wrong with it
  }
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, (2 * MAX_WIDTH) / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "white"; // behind transparent parts, as JPEG has none
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

// Resolves to {status, address}; status 0 when there is no connection.
function send(blob, token, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not report how much was sent
    request.open("POST", UPLOAD);
    request.responseType = "json";
    request.timeout = TIMEOUT;
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onloadend = () =>
      resolve({ status: request.status, address: request.response?.image ?? "" });
    request.send(blob);
  });
}

const smallOf = (address) => address.replace(/^(\/media\/[^/]+)\.webp$/, "$1-s.webp");

export function PictureDrop({ name, value, fieldId, words, isLocked, look, ...rest }) {
  const [address, setAddress] = useState(value ?? "");
  const [progress, setProgress] = useState(null); // from 0 to 1 while one is uploaded
  const [message, setMessage] = useState({ kind: "", text: "" });
  const [isOver, setIsOver] = useState(false);
  const round = useRef(0); // only the last chosen picture counts
  const hidden = useRef(null);
  const input = useRef(null);
  const isMounted = useRef(false);
  useEffect(() => {
    if (isMounted.current) hidden.current.dispatchEvent(new Event("input", { bubbles: true }));
    isMounted.current = true;
  }, [address]);

  const take = async (file) => {
    if (!file || isLocked) return;
    const number = (round.current += 1);
    setMessage({ kind: "", text: words.loading });
    setProgress(0);
    const blob = await smaller(file);
    const token = (await window.coursebookIdentity?.token()) ?? "";
    const answer = await send(blob, token, (part) => number === round.current && setProgress(part));
    if (number !== round.current) return;
    setProgress(null);
    if (answer.status === 201 && answer.address) {
      setAddress(answer.address);
      setMessage({ kind: "", text: words.done });
    } else setMessage({ kind: "bad", text: words[PROBLEMS[answer.status] ?? "failed"] });
  };
  const chosen = (event) => {
    take(event.target.files[0]);
    event.target.value = ""; // the same file may be chosen again
  };
  const remove = () => {
    round.current += 1;
    setProgress(null);
    setAddress("");
    setMessage({ kind: "", text: "" });
    input.current.focus();
  };
  const drop = {
    onDragOver: (event) => {
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave: () => setIsOver(false),
    onDrop: (event) => {
      event.preventDefault();
      setIsOver(false);
      take(event.dataTransfer.files[0]);
    },
  };
  const file = {
    ref: input,
    id: fieldId,
    type: "file",
    accept: "image/*",
    disabled: isLocked,
    onChange: chosen,
    className: look.input,
    "aria-describedby": rest["aria-describedby"],
    "aria-invalid": message.kind === "bad" || undefined,
  };
  const action = address ? words.replace : words.choose;
  return (
    <div className={look.box} data-over={isOver || undefined} data-testid="picture-drop" {...drop}>
      <input type="hidden" name={name} value={address} ref={hidden} />
      <input {...file} />
      {address && <img src={smallOf(address)} alt="" className={look.picture} />}
      <div className={look.side}>
        {!isLocked && (
          <p className={look.line}>
            <label htmlFor={fieldId} className={look.link}>{action}</label>
            {address ? (
              <button type="button" className={look.link} onClick={remove}>{words.remove}</button>
            ) : (
              <span className={look.hint}>{words.drop}</span>
            )}
          </p>
        )}
        {progress !== null && <progress className={look.progress} value={progress} max="1" />}
        <p role="status" className={message.kind === "bad" ? look.bad : look.hint}>{message.text}</p>
      </div>
    </div>
  );
}
