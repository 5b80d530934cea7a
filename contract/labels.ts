/**
 * The label keys. Every container, network and volume of a stack carries STACK_LABEL and ROLE_LABEL.
 */
export const STACK_LABEL = "wordpress-autoscaling.stack";
export const ROLE_LABEL = "wordpress-autoscaling.role";
/** On a container with services: the role of the network whose address is registered ("frontend"). */
export const NETWORK_LABEL = "wordpress-autoscaling.network";
/** The role of the network at whose address Consul probes the container. @default the value of NETWORK_LABEL */
export const CHECK_NETWORK_LABEL = "wordpress-autoscaling.check-network";
/** A hash of what Docker cannot change in place (health checks), so that a change replaces the container. */
export const CONFIG_HASH_LABEL = "wordpress-autoscaling.config-hash";
/** On a replica: the signal that tells it, while it is stopping, that nginx will send it no more requests. */
export const RELEASE_SIGNAL_LABEL = "wordpress-autoscaling.release-signal";
