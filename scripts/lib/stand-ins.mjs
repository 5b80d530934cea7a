// Where no registry answers, the same tags are made here: Debian by debootstrap, Consul and consul-template from their Go
// modules, compiled on that Debian. All are labelled as stand-ins.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "./interrupted.mjs";
import { logFile, root } from "./paths.mjs";
import { must, run, succeeds } from "./run.mjs";
import { standInLabel } from "./stand-in-label.mjs";

const base = "debian:trixie-slim";
const sources = join(root, "scripts", "stand-ins");
const label = `LABEL ${standInLabel}=true`;

/** Tag → the binary that is all the image adds to Debian, and the module folder it is compiled from. */
const compiled = {
  "hashicorp/consul:1.19.2": "consul",
  "hashicorp/consul-template:0.41.1": "consul-template",
};

export async function makeStandIns(tags, step) {
  if (tags.includes(base)) await step(`stand-in ${base}`, makeDebian);
  const names = tags.filter((tag) => tag in compiled).map((tag) => compiled[tag]);
  if (names.length > 0) await step(`stand-ins ${names.join(", ")}`, (say) => compileAll(names, say));
}

/** Debian by debootstrap, trimmed as the slim image is, and imported. */
async function makeDebian(say) {
  if (process.platform !== "linux" || process.getuid() !== 0) {
    throw new Error(
      `${base} cannot be pulled, and only root on Linux can make a stand-in. Run this as root, or load the image (docker load).`,
    );
  }
  const log = logFile("debootstrap");
  await ensureDebootstrap(say, log);
  // not below /tmp when that may be mounted noexec or nodev; the cache folder of the system is neither
  const folder = mkdtempSync(join(existsSync("/var/cache") ? "/var/cache" : tmpdir(), "wordpress-autoscaling-"));
  const tree = join(folder, "root");
  const cleanUp = () => removeTree(folder, tree);
  const done = onInterrupt(cleanUp);
  try {
    say("debootstrap");
    await must("debootstrap", ["--variant=minbase", "trixie", tree], {
      log,
      timeoutMs: 900_000,
      onLine: (line) =>
        /^I: (Retrieving|Unpacking|Configuring|Extracting) /.test(line) && say(line.slice(3).replace(/\.+$/, "")),
    });
    await must("sh", [join(sources, "slim.sh"), tree], { log });
    say("docker import");
    const archive = join(folder, "root.tar");
    await must("tar", ["-C", tree, "--numeric-owner", "-cf", archive, "."], { log });
    await must("docker", ["import", "--change", 'CMD ["bash"]', "--change", label, archive, base], { log });
  } finally {
    done();
    cleanUp();
  }
  return "made by debootstrap";
}

/** A debootstrap that was stopped may have left the machine's own /proc mounted in its tree: never go into another file system. */
function removeTree(folder, tree) {
  for (const mount of ["proc", "sys"]) spawnSync("umount", ["-q", join(tree, mount)], { stdio: "ignore" });
  spawnSync("rm", ["-rf", "--one-file-system", folder]);
}

async function ensureDebootstrap(say, log) {
  const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
  if (!(await succeeds("debootstrap", ["--version"]))) {
    if (!existsSync("/usr/bin/apt-get")) {
      throw new Error(
        `${base} cannot be pulled, and there is no debootstrap to make it with. Load the image (docker load).`,
      );
    }
    say("apt-get install debootstrap");
    await run("apt-get", ["update", "-q"], { log, timeoutMs: 300_000 });
    const packages = ["debootstrap", "debian-archive-keyring"];
    const args = ["install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Lock::Timeout=120", ...packages];
    await must("apt-get", args, { log, env, timeoutMs: 300_000 });
  }
  // An older distribution's debootstrap may not know the suite's name; all of Debian's are the same script.
  if (!existsSync("/usr/share/debootstrap/scripts/trixie")) {
    await must("ln", ["-s", "sid", "/usr/share/debootstrap/scripts/trixie"], { log });
  }
}

/** What the host's own clients need to reach a proxy or a module mirror; it goes to the builder's environment, nowhere else. */
const passedOn = ["GOPROXY", "GOFLAGS", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GOINSECURE"].concat([
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
]);

const hostCaBundle = () =>
  [process.env.NODE_EXTRA_CA_CERTS, process.env.SSL_CERT_FILE, "/etc/ssl/certs/ca-certificates.crt"].find(
    (path) => path && existsSync(path),
  );

/**
 * Compiles in one throw-away container and puts each binary on the base image.
 * INVARIANT: the container is removed whatever happens: with it go Go, 5 GB of modules, and the host's CAs.
 */
async function compileAll(names, say) {
  const log = logFile("compile");
  const env = passedOn.filter((name) => process.env[name]).flatMap((name) => ["--env", name]);
  // host network: the machine's own proxy and resolver work there as they do here
  const args = ["create", "--network", "host", ...env, base, "sh", "/src/compile.sh", ...names];
  const builder = (await must("docker", args)).stdout.trim();
  const removal = ["rm", "--force", "--volumes", builder];
  const done = onInterrupt(() => spawnSync("docker", removal, { stdio: "ignore" }));
  const out = mkdtempSync(join(tmpdir(), "wordpress-autoscaling-"));
  try {
    await must("docker", ["cp", sources, `${builder}:/src`]);
    const bundle = hostCaBundle();
    if (bundle) await must("docker", ["cp", "--follow-link", bundle, `${builder}:/src/ca-bundle.crt`]);
    await must("docker", ["start", "--attach", builder], { log, timeoutMs: 3_600_000, onLine: progress(say) });
    for (const name of names) {
      await must("docker", ["cp", `${builder}:/out/${name}`, join(out, name)]);
      await putOnBase(name, join(out, name));
    }
  } finally {
    // not waited for: with so many files it takes half a minute, in which the next step can begin
    done();
    void run("docker", removal);
    rmSync(out, { recursive: true, force: true });
  }
  return "compiled from their Go modules";
}

/** Lines of compile.sh → "compiling consul: 312 of 1305 packages". */
export function progress(say) {
  let phase = "";
  let total = 0;
  let count = 0;
  return (line) => {
    const head = /^## (.*?)(?: \((\d+) packages\))?$/.exec(line);
    if (head) [phase, total, count] = [head[1], Number(head[2] ?? 0), 0];
    else if (total && /^[\w.-]+(\/[\w.~-]+)*$/.test(line)) count += 1;
    say(total ? `${phase}: ${count} of ${total} packages` : phase);
  };
}

/** FROM base, COPY binary: by create, cp and commit, which every engine has, with or without a build plugin. */
async function putOnBase(name, binary) {
  const [tag] = Object.entries(compiled).find(([, value]) => value === name);
  const container = (await must("docker", ["create", base, "true"])).stdout.trim();
  try {
    await must("docker", ["cp", binary, `${container}:/bin/${name}`]);
    const changes = [`ENTRYPOINT ["/bin/${name}"]`, "CMD []", label].flatMap((change) => ["--change", change]);
    await must("docker", ["commit", ...changes, container, tag]);
  } finally {
    await run("docker", ["rm", "--force", container]);
  }
}
