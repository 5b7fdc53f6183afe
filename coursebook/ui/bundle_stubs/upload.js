// Stands for Reflex's uploads: nothing is uploaded here, and the address for it is shut.
export function uploadFiles() {
  throw new Error("These pages upload nothing.");
}
