import * as pulumi from "@pulumi/pulumi";

/**
 * An error that the user can fix in the configuration or on the host. It has no stack trace: it would not help, and the SDK formats one
 * in colour even if it hides it, which takes Node 20.20 some 20 s (util.inspect loops on a frame of `node_modules/@pulumi/resource.ts`).
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
