<?php
// A receiver in PHP 8 or newer, without a package; as a route of Laravel or Symfony, their raw body (`getContent()`) and headers.
//   HOOKLINE_SECRET=whsec_… php -S 127.0.0.1:4000 receiver.php

const TOLERANCE_SECONDS = 300;

function is_genuine(string $key, string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if ($id === '' || !preg_match('/^\d+\z/', $timestamp)) return false;
    if (abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) return false;
    $right = base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $entry) {
        if (str_starts_with($entry, 'v1,') && hash_equals($right, substr($entry, 3))) return true;
    }
    return false;
}

/** Instead of files, a table with a unique column. Opening one that is not there yet succeeds once. */
function is_new(string $id): bool
{
    $folder = getenv('FOLDER') ?: sys_get_temp_dir() . '/hookline-events';
    if (!is_dir($folder)) @mkdir($folder, 0700, true);
    $file = @fopen("$folder/" . hash('sha256', $id), 'x');
    if ($file === false) return false;
    return fclose($file);
}

$key = base64_decode(preg_replace('/^whsec_/', '', (string) getenv('HOOKLINE_SECRET')), true);
if ($key === false || $key === '') {
    http_response_code(500);
    error_log('HOOKLINE_SECRET is missing.');
    return;
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    return;
}
// The bytes, not json_decode of them: JSON that was parsed and written again may differ.
$body = (string) file_get_contents('php://input');
if (!is_genuine($key, $body)) {
    http_response_code(401);
    return;
}
// Store the event before the answer; work on it afterwards.
if (is_new($_SERVER['HTTP_WEBHOOK_ID'])) error_log($_SERVER['HTTP_WEBHOOK_ID'] . ' ' . $body);
http_response_code(204);
