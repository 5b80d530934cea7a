import { Group, Thing, step } from "../../world";

if (step < 6) {
  const host = new Thing("host", { kind: `k${step < 5 ? step : 4}`, first: step === 3 });
  const guest = new Thing("guest", { on: host.made }, { deletedWith: host });
  if (step < 5) new Thing("friend", {}, { deletedWith: guest });
  const group = new Group("group", { deletedWith: host });
  new Thing("inherits", {}, { parent: group });
  new Thing("later", {}, step >= 4 ? { deletedWith: host } : {});
}
new Thing("other", { size: step });
