/** docker.RemoteImage: an image that is pulled or built. */
import type { CheckFailure, DeleteRequest, JsonObject } from "../../provider";
import { flag, items, object, text, texts } from "../value";
import { fillOutputs } from "../outputs";
import { daemonMessage, ifFound, isConflict, isNotFound } from "./daemon-error";
import { buildImage } from "./image-build";
import { ensureImage, findImage, refreshImage, repoDigest, type LocalImage } from "./image-pull";
import { classicOnly, imageFields } from "./image-schema";
import { timeoutsMeta, type Call, type Created, type ResourceKind } from "./resource";

/**
 * `urn id` of images that a creation found to be there already, as when a replacement has the content and the name of what it replaces:
 * the delete of the replaced one, which comes next, must leave the image.
 */
const sharedWithOld = new Set<string>();

export const imageKind: ResourceKind = {
  fields: imageFields,
  meta: timeoutsMeta,
  outputs: ["imageId", "repoDigest"],
  deleteBeforeReplace: () => false,
  invalid,
  create,
  read,
  update: async (call, _id, inputs) =>
    outputsOf(inputs, await ensureImage(call, text(inputs, "name"), text(inputs, "platform"))),
  delete: remove,
  // A copy of what can be had again: nothing is lost with it.
  discard: () => Promise.resolve(true as const),
};

function invalid(inputs: JsonObject): CheckFailure[] {
  const build = object(inputs, "build");
  if (build === undefined) return [];
  const failures: CheckFailure[] = [];
  if (items(inputs, "pullTriggers").length > 0)
    failures.push({ property: "pullTriggers", reason: "it is for images that are pulled, not built" });
  if (build["useLegacyBuilder"] === true || build["version"] === "1") return failures;
  for (const key of classicOnly) {
    const value = build[key];
    const empty =
      value === undefined ||
      value === "" ||
      value === 0 ||
      value === false ||
      (Array.isArray(value) && value.length === 0);
    if (!empty) {
      failures.push({
        property: `build.${key}`,
        reason: "BuildKit ignores it: leave it out, or set build.useLegacyBuilder to true",
      });
    }
  }
  if (build["remove"] === false) {
    failures.push({
      property: "build.remove",
      reason: "BuildKit has no intermediate containers to keep: leave it out, or set build.useLegacyBuilder to true",
    });
  }
  items(build, "cacheFroms").forEach((source, i) => {
    if (typeof source === "string" && source.includes("=")) {
      failures.push({
        property: `build.cacheFroms[${i}]`,
        reason: "only the names of images are supported as cache sources",
      });
    }
  });
  return failures;
}

function outputsOf(inputs: JsonObject, image: LocalImage): JsonObject {
  const name = text(inputs, "name");
  return fillOutputs(imageFields, {
    ...inputs,
    id: `${image.Id}${name}`,
    imageId: image.Id,
    repoDigest: repoDigest(name, image),
  });
}

async function create(call: Call, inputs: JsonObject): Promise<Created> {
  const name = text(inputs, "name");
  const build = object(inputs, "build");
  const before = await findImage(call, name);
  if (build !== undefined) await buildImage(call, name, build);
  const pulled = items(inputs, "pullTriggers").length > 0 ? refreshImage : ensureImage;
  const image = await pulled(call, name, text(inputs, "platform"));
  const id = `${image.Id}${name}`;
  if (before?.Id === image.Id) sharedWithOld.add(`${call.urn} ${id}`);
  return { id, outputs: outputsOf(inputs, image) };
}

async function read(call: Call, id: string, known: JsonObject): Promise<Created | undefined> {
  // For an import the id is what names the image: with or without the image id before the name.
  const inputs = text(known, "name") === "" ? { ...known, name: id.replace(/^sha256:[0-9a-f]{64}(?=.)/, "") } : known;
  const image = await findImage(call, text(inputs, "name"));
  return image && { id: `${image.Id}${text(inputs, "name")}`, outputs: outputsOf(inputs, image) };
}

async function remove(call: Call, { id, oldOutputs }: DeleteRequest): Promise<void> {
  const name = text(oldOutputs, "name");
  if (flag(oldOutputs, "keepLocally") || name === "") return;
  if (sharedWithOld.delete(`${call.urn} ${id}`)) return;
  const image = await findImage(call, name);
  if (image === undefined || `${image.Id}${name}` !== id) {
    await removeNameless(call, text(oldOutputs, "imageId"));
    return;
  }
  const tags = texts(object(oldOutputs, "build") ?? {}, "tags");
  for (const each of [...tags, name]) await removeName(call, each, image.Id, flag(oldOutputs, "forceRemove"));
}

/** The name has gone to a newer image: the old one goes too, unless it has another name or a container. */
async function removeNameless(call: Call, id: string): Promise<void> {
  const image = id === "" ? undefined : await findImage(call, id);
  if (image === undefined || (image.RepoTags ?? []).length > 0) return;
  await ifFound(call.connection.docker.getImage(id).remove()).catch((error: unknown) => {
    if (!isConflict(error)) throw new Error(`image ${id} cannot be removed: ${daemonMessage(error)}`, { cause: error });
  });
}

async function removeName(call: Call, name: string, id: string, force: boolean): Promise<void> {
  if ((await findImage(call, name))?.Id !== id) return;
  try {
    await call.connection.docker.getImage(name).remove({ force });
  } catch (error) {
    if (isNotFound(error)) return;
    throw new Error(
      `image ${name} cannot be removed: ${daemonMessage(error)}. ` +
        "Remove the containers that use it, or set keepLocally (leave it) or forceRemove (untag it all the same)",
      { cause: error },
    );
  }
}
