<?php
/**
 * Plugin Name: Campaign probe
 * Description: Answers /campaign-probe with what it was asked, so that a load generator can check every answer. Only the campaign's images have it.
 *
 * nonce: repeated in the answer, and kept with each POST; ms: how long the answer takes; fill: bytes that follow the answer's first line.
 */
if (strtok($_SERVER['REQUEST_URI'] ?? '', '?') !== '/campaign-probe') {
    return;
}
(static function (): never {
    global $wpdb;
    $number = static fn (string $name, int $most): int => max(0, min($most, (int) ($_GET[$name] ?? 0)));
    $nonce = preg_replace('/[^\w-]/', '', (string) ($_GET['nonce'] ?? ''));
    $body = (string) file_get_contents('php://input');
    $sha256 = hash('sha256', $body);
    // Before the wait: a POST that nginx sent to two replicas has two rows, whatever became of the answers.
    $kept = $_SERVER['REQUEST_METHOD'] !== 'POST'
        || $wpdb->insert('campaign_posts', ['nonce' => $nonce, 'sha256' => $sha256, 'replica' => gethostname()]);
    usleep($number('ms', 30_000) * 1000);
    http_response_code($kept ? 200 : 500);
    header('Content-Type: text/plain');
    echo json_encode(['nonce' => $nonce, 'bytes' => strlen($body), 'sha256' => $sha256]), "\n", str_repeat('.', $number('fill', 1 << 20));
    exit;
})();
