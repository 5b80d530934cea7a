import { compose } from "./components/compose";
import { checkHost } from "./settings/host";
import { checkOverrides } from "./settings/image-overrides";
import { checkOwnership } from "./settings/ownership";
import { replicaCount } from "./settings/replicas";
import { loadSettings } from "./settings/settings";

export = async (): Promise<Record<string, unknown>> => {
  const settings = loadSettings();
  const host = await checkHost(settings);
  await checkOverrides(settings.images);
  await checkOwnership(host);
  return compose(settings, await replicaCount(settings), host);
};
