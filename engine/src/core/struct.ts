/** Between google.protobuf.Struct, which travels, and plain JSON, which the engine computes with. */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JsonObject } from "../provider";

export function toStruct(object: JsonObject): Struct {
  return Struct.fromJavaScript(object);
}

export function fromStruct(struct: Struct | undefined): JsonObject {
  return struct?.toJavaScript() ?? {};
}

/** Pulumi's own limit: the serialized source of a dynamic provider, or a big stack output, exceeds gRPC's 4 MB. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};
