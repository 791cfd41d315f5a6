/// The names with the most weight of a stream that may have any number of them, in bounded memory: space-saving
/// (Metwally, Agrawal, El Abbadi, 2005).
///
/// A name that is not there takes the place of the one with the least weight and inherits that weight, which is its
/// error. So no weight is less than what came of its name, nor more by more than the error; no error is more than all
/// weight divided by `capacity`; and a name with more than that is always there.
///
/// Names are told apart by counts of their own once more than half of their weight is certain. Until then what is
/// counted of them goes to `other`, and so does all that a name has when another takes its place. Hence no count falls,
/// the sum of all is exact, and whoever sends many names does not make a series of each.
struct TopNames {
  private(set) var unnamed = UsageCounts()
  private(set) var other = UsageCounts()
  private var names: NameTable
  private var entries: [Entry] = []
  /// Numbers of entries, none with less weight than the one at half its place.
  private var heap: [Int] = []

  /// What is known of one name.
  private struct Entry {
    var weight: Int
    /// What of the weight may be of names before.
    var error: Int
    var counts = UsageCounts()
    var isTold: Bool
    /// Its place in the heap.
    var place: Int
  }

  init(capacity: Int) { names = NameTable(capacity: capacity) }

  /// The most names.
  var capacity: Int { names.capacity }
  /// How many names there are.
  var count: Int { entries.count }

  mutating func add(unnamed counts: UsageCounts) { unnamed += counts }
  mutating func add(other counts: UsageCounts) { other += counts }

  /// Adds what was counted of a name.
  mutating func add(_ counts: UsageCounts, to name: UnsafeRawBufferPointer, _ hash: UInt64) {
    if let number = names.find(name, hash) { return add(counts, to: number) }
    let weight = counts.weight
    if let number = names.append(name, hash) {
      entries.append(Entry(weight: weight, error: 0, counts: counts, isTold: true, place: heap.count))
      heap.append(number)
      return rise(from: heap.count &- 1)
    }
    guard let least = heap.first, names.replace(least, with: name, hash) else { return other += counts }
    other += entries[least].counts
    other += counts
    let error = entries[least].weight
    entries[least] = Entry(weight: error &+ weight, error: error, isTold: false, place: 0)
    tellIfCertain(least)
    sink(from: 0)
  }

  private mutating func add(_ counts: UsageCounts, to number: Int) {
    entries[number].weight &+= counts.weight
    if entries[number].isTold { entries[number].counts += counts } else { other += counts }
    tellIfCertain(number)
    sink(from: entries[number].place)
  }

  private mutating func tellIfCertain(_ number: Int) {
    if entries[number].weight &- entries[number].error > entries[number].error { entries[number].isTold = true }
  }

  private mutating func rise(from place: Int) {
    var place = place
    while place > 0, weight(at: (place &- 1) / 2) > weight(at: place) {
      swapPlaces(place, (place &- 1) / 2)
      place = (place &- 1) / 2
    }
  }

  private mutating func sink(from place: Int) {
    var place = place
    while true {
      var child = 2 &* place &+ 1
      guard child < heap.count else { return }
      if child &+ 1 < heap.count, weight(at: child &+ 1) < weight(at: child) { child &+= 1 }
      guard weight(at: child) < weight(at: place) else { return }
      swapPlaces(place, child)
      place = child
    }
  }

  private func weight(at place: Int) -> Int { entries[heap[place]].weight }

  private mutating func swapPlaces(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    entries[heap[a]].place = a
    entries[heap[b]].place = b
  }

  /// The same with room for another number of names: those with the least weight go to `other` if there are too many.
  func resized(to capacity: Int) -> TopNames {
    var resized = TopNames(capacity: capacity)
    (resized.unnamed, resized.other) = (unnamed, other)
    for number in entries.indices.sorted(by: { entries[$0].weight > entries[$1].weight }) {
      names.withName(number) { name, hash in resized.keep(entries[number], name, hash) }
    }
    return resized
  }

  private mutating func keep(_ entry: Entry, _ name: UnsafeRawBufferPointer, _ hash: UInt64) {
    guard let number = names.append(name, hash) else { return other += entry.counts }
    var entry = entry
    entry.place = heap.count
    entries.append(entry)
    heap.append(number)
    rise(from: entry.place)
  }

  /// Weight and error of a name that is there.
  /// Here for tests.
  func estimate(of name: UnsafeRawBufferPointer) -> (weight: Int, error: Int)? {
    names.find(name, NameTable.hash(name)).map { (entries[$0].weight, entries[$0].error) }
  }

  var snapshot: UsageSnapshot {
    var snapshot = UsageSnapshot()
    (snapshot.unnamed, snapshot.other) = (unnamed, other)
    for number in entries.indices where entries[number].isTold {
      let name = names.withName(number) { name, _ in String(decoding: name, as: UTF8.self) }
      snapshot.names.append((name, entries[number].counts))
    }
    snapshot.names.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return snapshot
  }
}
