/** Looking an image up, and pulling it when it is not there. */
import { z } from "zod";
import { daemonMessage, ifFound } from "./daemon-error";
import { registryOf } from "./registry-login";
import type { Call } from "./resource";

const imageAnswer = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
});
export type LocalImage = z.infer<typeof imageAnswer>;

/** @returns the local image that the name, the digest or the id points to. */
export async function findImage(call: Call, name: string): Promise<LocalImage | undefined> {
  const answer = await ifFound(call.connection.docker.getImage(name).inspect());
  return answer === undefined ? undefined : imageAnswer.parse(answer);
}

/** The local image; pulled when there is none, and only then, as the real provider does. */
export async function ensureImage(call: Call, name: string, platform: string): Promise<LocalImage> {
  const local = await findImage(call, name);
  if (local !== undefined) return local;
  if (name.startsWith("sha256:"))
    throw new Error(`there is no local image with the id ${name}, and an id cannot be pulled`);
  await pullImage(call, name, platform);
  const pulled = await findImage(call, name);
  if (pulled === undefined) throw new Error(`image ${name} was pulled, but the Docker engine does not find it`);
  return pulled;
}

/** Pulls also when there is a local image, which then serves if the registry cannot be reached. */
export async function refreshImage(call: Call, name: string, platform: string): Promise<LocalImage> {
  const local = await findImage(call, name);
  if (local === undefined) return ensureImage(call, name, platform);
  try {
    await pullImage(call, name, platform);
  } catch (error) {
    call.log("warning", `${daemonMessage(error)}. The local image is used`, call.urn);
  }
  return (await findImage(call, name)) ?? local;
}

const pullEvent = z.object({ status: z.string().optional(), id: z.string().optional(), error: z.string().optional() });

async function pullImage(call: Call, name: string, platform: string): Promise<void> {
  const { docker, login } = call.connection;
  const authconfig = login(registryOf(name));
  const fail = (reason: string): Error =>
    new Error(
      `image ${name} cannot be pulled: ${reason}. ` +
        "Build or load it here under that name, or check the name, the network and the registry's login",
    );
  call.log("info", `pulling ${name}`, call.urn);
  const stream = await docker
    .pull(withTag(name), {
      ...(authconfig === undefined ? {} : { authconfig }),
      ...(platform === "" ? {} : { platform }),
      abortSignal: call.signal,
    })
    .catch((error: unknown) => {
      throw fail(daemonMessage(error));
    });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error === null) resolve();
        else reject(fail(daemonMessage(error)));
      },
      (event: unknown) => {
        const { status, id } = pullEvent.parse(event);
        if (status !== undefined && /complete|already exists|digest/i.test(status)) {
          call.log("debug", `${id === undefined ? "" : `${id}: `}${status}`, call.urn);
        }
      },
    );
  });
}

/** Without a tag, Docker would pull all tags. */
const withTag = (name: string): string => {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return last.includes(":") || name.includes("@") ? name : `${name}:latest`;
};

/** The digest under which the image's registry knows it: `repository@sha256:…`; empty for what was only built here. */
export function repoDigest(name: string, image: LocalImage): string {
  const digests = image.RepoDigests ?? [];
  const repository = name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const match = digests.find((digest) => digest.startsWith(`${repository}@`) || digest.endsWith(`/${repository}@`));
  return match ?? digests[0] ?? "";
}
