/** What is wrong with a container's inputs that no single property shows. Unknown values are not judged. */
import type { CheckFailure, JsonObject } from "../../provider";
import { items, objects } from "../value";

const given = (from: JsonObject, key: string): boolean => (from[key] ?? "") !== "";

export function invalidContainer(inputs: JsonObject): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string): void => void failures.push({ property, reason });
  objects(inputs, "uploads").forEach((upload, i) => {
    const sources = ["content", "contentBase64", "source"].filter((key) => given(upload, key));
    if (sources.length !== 1) {
      fail(
        `uploads[${i}]`,
        `give one of content, contentBase64 and source (an empty file cannot be uploaded); given: ${sources.join(", ") || "none"}`,
      );
    }
  });
  if (inputs["readOnly"] === true && objects(inputs, "uploads").length > 0) {
    fail(
      "uploads",
      "Docker cannot put files into a container whose root is readOnly: use a volume, a bind mount or the image",
    );
  }
  objects(inputs, "volumes").forEach((volume, i) => {
    const from = given(volume, "fromContainer");
    if (from === given(volume, "containerPath")) {
      fail(
        `volumes[${i}]`,
        from ? "give fromContainer or containerPath, not both" : "containerPath or fromContainer is needed",
      );
    }
  });
  items(inputs, "command").forEach((word, i) => {
    if (word === "") fail(`command[${i}]`, "it may not be empty");
  });
  if (given(inputs, "gpus") && items(inputs, "deviceRequests").length > 0)
    fail("gpus", "give gpus or deviceRequests, not both");
  const swap = inputs["memorySwap"];
  if (typeof swap === "number" && swap > 0 && typeof inputs["memory"] === "number" && swap < inputs["memory"]) {
    fail(
      "memorySwap",
      `${swap} MiB is memory and swap together: it must be at least memory, ${inputs["memory"]} MiB, or -1`,
    );
  }
  if (inputs["wait"] === true && inputs["start"] === false)
    fail("wait", "a container with start=false does not become healthy");
  return failures;
}
