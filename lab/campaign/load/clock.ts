/** Ms since the epoch, with fractions, on a clock that never jumps: comparable with Docker's and the services' times. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
