// The camera of the phone, which looks for a QR code until it has one.
import { useEffect, useRef, useState } from "react";

const PAUSE = 150; // milliseconds between two looks
const WIDTH = 640; // pixels that are looked at
const WHY = { NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy" };

// Returns a function from a video to the text of a code in it, "" without one.
async function reader() {
  if ("BarcodeDetector" in window) {
    const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
    }
  }
  const { default: jsQR } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = Math.min(WIDTH, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, canvas.width, canvas.height)?.data ?? "";
  };
}

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotFoundError");
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
}

export function Scanner({ onCode, onClose, words, look }) {
  const video = useRef(null);
  const close = useRef(null);
  const take = useRef(onCode);
  take.current = onCode;
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let isOver = false;
    let stream;
    let timer;
    close.current?.focus();
    const run = async () => {
      try {
        stream = await openCamera();
        if (isOver) return stream.getTracks().forEach((track) => track.stop());
        video.current.srcObject = stream;
        await video.current.play();
        const read = await reader();
        const again = async () => {
          if (isOver) return;
          const text = video.current.videoWidth ? await read(video.current).catch(() => "") : "";
          if (isOver) return;
          if (text) take.current(text);
          else timer = setTimeout(again, PAUSE);
        };
        again();
      } catch (error) {
        if (!isOver) setProblem(WHY[error.name] ?? "none");
      }
      return undefined;
    };
    run();
    return () => {
      isOver = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return (
    <div className={look.screen} data-face="scan" role="dialog" aria-modal="true" aria-label={words.scan}>
      {problem ? (
        <div className={look.message} role="alert" data-testid="no-camera">
          <p className={look.big}>{words.cameraTitle}</p>
          <p>{words.camera[problem]}</p>
        </div>
      ) : (
        <>
          <video ref={video} className={look.video} muted playsInline />
          <p className={look.hint}>{words.scanHint}</p>
        </>
      )}
      <button type="button" ref={close} className={look.wide} onClick={onClose}>{words.searchName}</button>
    </div>
  );
}
