import { compose } from "./compose";
import { loadSettings } from "./config";
import { checkHost } from "./host";
import { checkOverrides } from "./image-overrides";
import { checkOwnership } from "./ownership";
import { replicaCount } from "./replicas";

export = async (): Promise<Record<string, unknown>> => {
  const settings = loadSettings();
  const host = await checkHost(settings);
  await checkOverrides(settings.images);
  await checkOwnership(host);
  return compose(settings, await replicaCount(settings), host);
};
