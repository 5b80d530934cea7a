/** The properties of docker.RemoteImage. A changed `build` always replaces: an image does not change. */
import { text, textList, listOf, type Field, type Fields } from "../schema";

const onlyBuildx = "it belongs to buildx, which this provider does not need. Leave it out";
const buildx: Field = { kind: "text", refused: onlyBuildx };
const buildxList: Field = { ...textList, refused: onlyBuildx };

const registryLogin: Fields = {
  hostName: { kind: "text", required: true },
  userName: text,
  password: text,
  auth: text,
  email: text,
  serverAddress: text,
  identityToken: text,
  registryToken: text,
};

export const buildFields: Fields = {
  additionalContexts: buildxList,
  authConfigs: listOf(registryLogin),
  buildArgs: { kind: "map" },
  buildId: text,
  buildLogFile: buildx,
  builder: buildx,
  cacheFroms: textList,
  cacheTos: buildxList,
  cgroupParent: text,
  context: { kind: "text", required: true },
  cpuPeriod: { kind: "int" },
  cpuQuota: { kind: "int" },
  cpuSetCpus: text,
  cpuSetMems: text,
  cpuShares: { kind: "int" },
  dockerfile: { kind: "text", default: "Dockerfile" },
  extraHosts: textList,
  forceRemove: { kind: "bool" },
  isolation: { kind: "text", refused: "it is for Windows containers" },
  label: { kind: "map" },
  labels: { kind: "map" },
  memory: { kind: "int" },
  memorySwap: { kind: "int" },
  networkMode: text,
  noCache: { kind: "bool" },
  platform: text,
  provenance: buildx,
  pullParent: { kind: "bool" },
  remoteContext: text,
  remove: { kind: "bool", default: true },
  sbom: buildx,
  secrets: {
    ...listOf({}),
    refused: "build secrets are not passed on. Use a build argument for what is not secret, or mount it at run time",
  },
  securityOpts: textList,
  sessionId: { kind: "text", refused: "this provider opens a session of its own" },
  shmSize: { kind: "int" },
  squash: { kind: "bool" },
  suppressOutput: { kind: "bool" },
  tags: textList,
  target: text,
  ulimits: listOf({
    name: { kind: "text", required: true },
    soft: { kind: "int", required: true },
    hard: { kind: "int", required: true },
  }),
  useLegacyBuilder: { kind: "bool", default: false },
  version: {
    kind: "text",
    invalid: (value) =>
      value === "1" || value === "2" || value === "" ? undefined : 'it is "1" (the classic builder) or "2" (BuildKit)',
  },
};

/** What only the classic builder obeys. BuildKit would ignore it without a word. */
export const classicOnly = [
  "authConfigs",
  "cpuPeriod",
  "cpuQuota",
  "cpuSetCpus",
  "cpuSetMems",
  "cpuShares",
  "memory",
  "memorySwap",
  "securityOpts",
  "squash",
] as const;

export const imageFields: Fields = {
  name: { kind: "text", required: true, replaces: true },
  imageId: { kind: "text", outputOnly: true },
  repoDigest: { kind: "text", outputOnly: true },
  keepLocally: { kind: "bool" },
  forceRemove: { kind: "bool" },
  platform: { kind: "text", default: "", replaces: true },
  pullTriggers: { kind: "set", of: text, replaces: true },
  triggers: { kind: "map", replaces: true },
  build: { kind: "object", fields: buildFields, replaces: true },
};
