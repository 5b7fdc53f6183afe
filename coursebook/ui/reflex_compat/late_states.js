import { app } from "$/utils/context-registry";

// Values of states whose module this document has not loaded. The server may send them with a whole
// tree, after a lost connection.
const early = {};

// Keeps what the server sends for such a state. Returns whether it is one.
export function keepEarly(name, delta) {
  const isLate = name.includes(LATE);
  if (isLate) early[name] = { ...early[name], ...delta };
  return isLate;
}

// Adds states with their initial values, before the first component that reads one is drawn.
export function addStates(states) {
  for (const [name, value] of Object.entries(states)) {
    app.initialState[name] ??= { ...value, ...early[name] };
  }
  app.store?.mergeInitialState(app.initialState);
}
