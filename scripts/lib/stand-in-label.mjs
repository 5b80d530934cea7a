/** Marks an image that the set-up made itself because no registry answered. */
export const standInLabel = "wordpress-autoscaling.stand-in";
