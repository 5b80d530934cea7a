import { compose } from "./compose";
import { loadSettings } from "./config";
import { checkHost } from "./host";
import { checkOwnership } from "./ownership";
import { replicaCount } from "./replicas";

export = async (): Promise<Record<string, unknown>> => {
  const settings = loadSettings();
  const host = await checkHost(settings);
  await checkOwnership(host);
  return compose(settings, await replicaCount(settings), host);
};
