/** Whether the device's clock was set while the page ran: the running time of the page does not jump with it. */

/** Name of this run of the page; the running time begins anew with each. */
export const RUN = String(Math.random()).slice(2);

export function base(): number {
  return Math.round(Date.now() - performance.now());
}

/** By how many seconds the clock was set since a form was made in this run of the page. */
export function changedSince(clockBase: number): number {
  return Math.round((base() - clockBase) / 1000);
}
