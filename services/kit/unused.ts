/**
 * Stands in for what dockerode loads and the services never use: SSH, BuildKit sessions, image builds (see
 * ../esbuild-options.mjs). A use of it fails as "Client is not a constructor".
 */
export const Client = undefined;
