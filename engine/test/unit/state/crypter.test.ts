import { createSalt, openSalt } from "../../../src/state/crypter";

// Each derived key takes a third of a second, more on a busy machine.
// Made by the Pulumi CLI 3.260: `pulumi stack init`, `pulumi config set --secret`.
const PASSPHRASE = "correct horse battery staple";
const SALT = "v1:Jjzq5p618Ns=:v1:kx082HjWTl/gywFg:XjNgqa0jCnUGC3hMZ/eBu0L/8JQEYA==";
const CIPHERTEXT = "v1:6JmBLG3nOrv3/fS2:89+0gx8Q5edZ7zWhwlJm5tShBF8oACYzMpIEaAun7Jq3LCIiyg==";

describe("encryption in Pulumi's format", () => {
  test("opens what the CLI encrypted", async () => {
    const crypter = await openSalt(SALT, PASSPHRASE);
    expect(crypter?.decrypt(CIPHERTEXT)).toBe('hunter2 with "quotes"');
  });

  test("a wrong passphrase does not open a salt", async () => {
    expect(await openSalt(SALT, "wrong")).toBeUndefined();
  });

  test("what it encrypts it decrypts, with a new nonce each time", async () => {
    const { salt, crypter } = await createSalt("phrase");
    const first = crypter.encrypt("grüße ☕");
    expect(crypter.encrypt("grüße ☕")).not.toBe(first);
    expect(first).toMatch(/^v1:[A-Za-z0-9+/]{16}:[A-Za-z0-9+/=]+$/);
    expect((await openSalt(salt, "phrase"))?.decrypt(first)).toBe("grüße ☕");
  });

  test.each(["", "v1:abc", "v2:a:b", "v1:a:b:c"])("a malformed ciphertext %j is refused", async (text) => {
    const { crypter } = await createSalt("phrase");
    expect(() => crypter.decrypt(text)).toThrow(/ciphertext|damaged/);
  });

  test("a damaged ciphertext is refused, not misread", async () => {
    const crypter = await openSalt(SALT, PASSPHRASE);
    expect(() => crypter?.decrypt(CIPHERTEXT.replace("89+0", "89+1"))).toThrow("damaged");
  });

  test("a malformed salt is refused with its value", async () => {
    await expect(openSalt("v1:abc", PASSPHRASE)).rejects.toThrow('malformed encryptionsalt "v1:abc"');
  });
});
