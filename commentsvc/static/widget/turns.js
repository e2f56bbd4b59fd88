// One stream a browser and site: browsers open few connections to a host, and the service few to a client.

/** The end of the last turn in this page, for browsers without locks. */
let last = Promise.resolve();

/**
 * Do something when it is one's turn, until *signal* is aborted; no other thread of this browser and service does it meanwhile.
 * @param {string} service @param {AbortSignal} signal @param {() => Promise<void>} act resolved when *signal* is aborted
 */
export function whileFirst(service, signal, act) {
  const turn = async () => {
    if (!signal.aborted) await act();
  };
  // Locks are for https and loopback alone, and a page may be in a sandbox that has none.
  if (isSecureContext && navigator.locks) {
    navigator.locks.request(`${service} events`, { signal }, turn).catch(() => {});
  } else last = last.then(turn);
}
