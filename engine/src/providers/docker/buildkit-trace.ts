/**
 * BuildKit's progress, as it comes through Docker's build call: base64 protobuf messages `moby.buildkit.v1.StatusResponse`.
 * Only the fields that are shown are decoded: steps (1: digest, 3: name, 4: cached, 6: completed, 7: error) and log lines
 * (1: step, 4: bytes). The numbers are those of BuildKit's api/services/control/control.proto; they have not changed since 2018.
 */

import { wireFields } from "./protobuf";

export interface BuildStep {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  readonly error: string;
}
export interface BuildLog {
  readonly step: string;
  readonly text: string;
}

export function decodeTrace(base64: string): { steps: BuildStep[]; logs: BuildLog[] } {
  const steps: BuildStep[] = [];
  const logs: BuildLog[] = [];
  for (const { number, bytes } of wireFields(Buffer.from(base64, "base64"))) {
    if (number === 1) steps.push(decodeStep(bytes));
    if (number === 3) logs.push(decodeLog(bytes));
  }
  return { steps, logs };
}

function decodeStep(data: Buffer): BuildStep {
  const step = { digest: "", name: "", cached: false, started: false, completed: false, error: "" };
  for (const { number, bytes, integer } of wireFields(data)) {
    if (number === 1) step.digest = bytes.toString("utf8");
    else if (number === 3) step.name = bytes.toString("utf8");
    else if (number === 4) step.cached = integer !== 0;
    else if (number === 5) step.started = true;
    else if (number === 6) step.completed = true;
    else if (number === 7) step.error = bytes.toString("utf8");
  }
  return step;
}

function decodeLog(data: Buffer): BuildLog {
  const log = { step: "", text: "" };
  for (const { number, bytes } of wireFields(data)) {
    if (number === 1) log.step = bytes.toString("utf8");
    else if (number === 4) log.text = bytes.toString("utf8");
  }
  return log;
}
