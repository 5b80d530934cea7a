import { generationOf } from "./generation";
import { upstreams } from "../test/upstreams";

test("a generation knows its desired generation and its members", () => {
  const { desired, members, files, hash } = generationOf("events {}", upstreams(7, ["10.0.0.1:80", "10.0.0.2:80"]));
  expect(desired).toBe(7);
  expect(members.map(({ name, address }) => [name, address])).toEqual([
    ["web-1", "10.0.0.1:80"],
    ["web-2", "10.0.0.2:80"],
  ]);
  expect(files["generation.conf"]).toContain(`default "${hash}"`);
  expect(files["nginx.conf"]).toBe("events {}");
});

test("the hash covers both files and the boundary between them", () => {
  const text = upstreams(1, []);
  const hashes = [
    generationOf("a", text),
    generationOf("b", text),
    generationOf("a", `${text}\n`),
    generationOf("a\n", text),
    generationOf("a", `\n${text}`),
  ].map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(generationOf("a", text).hash).toBe(hashes[0]);
});

test("a candidate without its comment lines is an error", () => {
  expect(() => generationOf("", "upstream wordpress {}")).toThrow("has no line '# generation: <number>'");
  expect(() => generationOf("", '# generation: 1\n# member: {"name":"x"}')).toThrow(
    /unreadable line '# member: {"name":"x"}'/,
  );
});
