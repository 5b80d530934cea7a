import * as pulumi from "@pulumi/pulumi";

/**
 * An error that the user mends in the configuration or on the host. It has no stack: nobody reads one here, and the SDK formats each
 * in colour even where it hides it, which takes Node 20.20 some 20 s (util.inspect loops on a frame of `node_modules/@pulumi/resource.ts`).
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
