<?php
/**
 * Plugin Name: Loopback
 * Description: A request of this replica to the site's own address goes to the replica itself: the address is the visitors', not this network's.
 */
add_action('http_api_curl', static function ($handle, array $arguments, string $url): void {
    $home = wp_parse_url(home_url());
    $asked = wp_parse_url($url);
    $port = static fn (array $parts): int => $parts['port'] ?? 80;
    if (($asked['scheme'] ?? '') === 'http' && ($asked['host'] ?? '') === $home['host'] && $port($asked) === $port($home)) {
        curl_setopt($handle, CURLOPT_CONNECT_TO, ["{$home['host']}:{$port($home)}:127.0.0.1:80"]);
    }
}, 10, 3);
