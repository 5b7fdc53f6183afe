// What a phone keeps of check-in in IndexedDB: the list of each meeting until its day is over, and the
// lines that are not sent yet. Without IndexedDB (a private window) all is kept by the page alone.
const NAME = "coursebook-check-in";
const LISTS = "lists";
const LINES = "lines";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opening;
function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = window.indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(LISTS, { keyPath: "meeting.id" });
      request.result.createObjectStore(LINES, { keyPath: "client_id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function store(name, mode, act) {
  try {
    const database = await open();
    return await act(database.transaction(name, mode).objectStore(name));
  } catch {
    return undefined;
  }
}

// Returns the kept list of a meeting, and forgets the lists of days that are over.
export async function keptList(meetingId, now) {
  const lists = (await store(LISTS, "readonly", (rows) => done(rows.getAll()))) ?? [];
  for (const list of lists) {
    if (new Date(list.keep_until) > now) continue;
    await store(LISTS, "readwrite", (rows) => done(rows.delete(list.meeting.id)));
  }
  return lists.find((list) => list.meeting.id === meetingId && new Date(list.keep_until) > now);
}

export const forgetList = (meetingId) => store(LISTS, "readwrite", (rows) => done(rows.delete(meetingId)));
export const keepList = (list) => store(LISTS, "readwrite", (rows) => done(rows.put(list)));

// Returns the lines of a meeting that are not sent yet, in their order.
export async function keptLines(meetingId) {
  const lines = (await store(LINES, "readonly", (rows) => done(rows.getAll()))) ?? [];
  return lines.filter((line) => line.meeting === meetingId).sort((a, b) => a.order - b.order);
}

export const keepLine = (line) => store(LINES, "readwrite", (rows) => done(rows.put(line)));

export async function forgetLines(ids) {
  for (const id of ids) await store(LINES, "readwrite", (rows) => done(rows.delete(id)));
}
