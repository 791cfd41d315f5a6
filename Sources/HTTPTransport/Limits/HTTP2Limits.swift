/// What one HTTP/2 connection may do; over a budget the server sends GOAWAY with ENHANCE_YOUR_CALM and closes.
///
/// A "window" is `abuseWindow`; each budget counts anew in the next one.
package struct HTTP2Limits: Sendable {
  /// Streams open at once (SETTINGS_MAX_CONCURRENT_STREAMS); more get REFUSED_STREAM, or GOAWAY
  /// once the client has acknowledged the limit. Default 250.
  package var maxConcurrentStreams = 250
  /// Receive window of a stream until its body is known to be large; then it is the connection's. Default 256 KiB.
  package var streamWindowBytes = 256 * 1024
  /// Receive window of a connection. Default 16 MiB.
  package var connectionWindowBytes = 16 * 1024 * 1024
  /// Largest frame payload accepted (SETTINGS_MAX_FRAME_SIZE, 16 KiB to 16 MiB - 1). Default 16 KiB.
  package var maxFrameBytes = 16 * 1024
  /// HPACK table for decoding. Default 4096.
  package var headerTableBytes = 4096
  /// Length of the window in which abuse is counted. Default 30 s.
  package var abuseWindow: Duration = .seconds(30)
  /// Streams reset in a window, by the client (CVE-2023-44487), for its faults (CVE-2025-8671) or because there
  /// were too many. Default 1000.
  package var maxResets = 1000
  /// PING frames in a window, not counting one for each answer (CVE-2019-9512). Default 300.
  package var maxPings = 300
  /// SETTINGS frames in a window (CVE-2019-9515). Default 100.
  package var maxSettings = 100
  /// DATA frames without data, padded or not, and without END_STREAM in a window (CVE-2019-9518). Default 100.
  package var maxEmptyData = 100
  /// DATA frames of less than 64 bytes without END_STREAM in a window, not counting four for each answer.
  /// Default 10,000.
  package var maxTinyData = 10_000
  /// Bytes of header fields in a window, as received and again decoded, not counting those of answered requests.
  /// Default 8 MiB.
  package var maxUnansweredHeaderBytes = 8 << 20
  /// CONTINUATION frames after one HEADERS frame (CVE-2024-27316). Default 8.
  package var maxContinuations = 8
  /// PRIORITY and PRIORITY_UPDATE frames in a window, not counting one for each answer (CVE-2019-9513).
  /// Default 1000.
  package var maxPriorities = 1000
  /// WINDOW_UPDATE frames in a window, not counting four for each answer and each frame of one. Default 1000.
  package var maxWindowUpdates = 1000
  /// GOAWAY frames in a window. Default 10.
  package var maxGoAways = 10
  /// Frames of unknown types in a window, not counting one for each answer. Default 1000.
  package var maxUnknownFrames = 1000
  /// Answers to PING and SETTINGS that wait to be written. Default 1000.
  package var maxQueuedControlFrames = 1000

  package init() {}
}
