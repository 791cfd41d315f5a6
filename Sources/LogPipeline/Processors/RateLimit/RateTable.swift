/// The buckets of a rate limit by key: at most `maxKeys`, then what has no bucket of its own shares one.
///
/// A bucket that is not busy is as good as none, so such are thrown out when the table is full, once a second at most.
struct RateTable: Sendable {
  /// Until when a key's two rates are busy, in nanoseconds of the clock of requests.
  struct Bucket: Sendable {
    var records: UInt64 = 0
    var bytes: UInt64 = 0

    func isBusy(now: UInt64) -> Bool { records > now || bytes > now }
  }

  private let maxKeys: Int
  private var places: [[UInt8]: Int] = [:]
  static let sharedPlace = 0
  /// The shared bucket is the first.
  var buckets = [Bucket()]
  private var free: [Int] = []
  private var lastSweepNano: UInt64 = 0

  init(maxKeys: Int) { self.maxKeys = maxKeys }

  var keyCount: Int { places.count }

  /// The index in `buckets` for each of several keys, none of which comes twice. What is thrown out for one of them is
  /// thrown out before the first gets its bucket, so that no two get the same but the shared one.
  mutating func places(of keys: [[UInt8]], now: UInt64) -> [Int] {
    makeRoom(forNew: keys.count { !has($0) }, now: now)
    return keys.map { place(of: $0) }
  }

  /// Whether a key has a bucket of its own.
  func has(_ key: [UInt8]) -> Bool { places[key] != nil }

  /// Throws out what is not busy if there is no room for so many keys more; before the first of them gets its place.
  mutating func makeRoom(forNew count: Int, now: UInt64) {
    if places.count &+ count > maxKeys { sweep(now: now) }
  }

  /// The index in `buckets` for a key, for which room was made.
  mutating func place(of key: [UInt8]) -> Int {
    if let place = places[key] { return place }
    if places.count >= maxKeys { return Self.sharedPlace }
    let place = free.popLast() ?? buckets.count
    if place == buckets.count { buckets.append(Bucket()) } else { buckets[place] = Bucket() }
    places[key] = place
    return place
  }

  private mutating func sweep(now: UInt64) {
    guard now >= lastSweepNano &+ 1_000_000_000 else { return }
    lastSweepNano = now
    for (key, place) in places where !buckets[place].isBusy(now: now) {
      places[key] = nil
      free.append(place)
    }
  }
}
