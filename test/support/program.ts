/** The program's components under Pulumi's mocks: every registration is recorded; nothing runs. */
import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Starts a fresh recording, before the first component is made. */
export async function mockPulumi(stack = "unit"): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs: inputs as Record<string, unknown> });
        const state = {
          ...(inputs as Record<string, unknown>),
          ...(type.startsWith("random:") && { result: `secret-${name}` }),
        };
        return { id: `${name}-id`, state };
      },
      call: ({ token }) => {
        throw new Error(`the program calls ${token}`);
      },
    },
    "wordpress-autoscaling",
    stack,
  );
  return registered;
}

/** The value of an output, once all mocks have answered. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
