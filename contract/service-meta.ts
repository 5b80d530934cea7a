/** Consul's catalog, as registrator writes it: the service of the replicas, and the metadata of each instance. */

/** The service whose healthy instances in the desired set nginx routes to. */
export const WORDPRESS_SERVICE = "wordpress";
export const MYSQL_SERVICE = "mysql";
/** Metadata of an instance: which container it is. */
export const CONTAINER_ID = "container-id";
export const CONTAINER_NAME = "container-name";
