/**
 * Replaces modules that dockerode loads and the services never use: SSH, BuildKit sessions, image builds (see
 * ../esbuild-options.mjs). Using it fails with "Client is not a constructor".
 */
export const Client = undefined;
