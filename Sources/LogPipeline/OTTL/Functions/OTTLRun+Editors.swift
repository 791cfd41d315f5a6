/// What editors of maps and lists do.
extension OTTLRun {
  // MARK: Keys

  /// Removes the members whose keys a pattern is found in, or all others.
  mutating func filterKeys(_ call: OTTLArguments, keepsMatching: Bool) throws(OTTLFault) {
    let pattern = try call.pattern(1, &self)
    var members = try openMap(call)
    for index in members.indices where pattern.matches(members.key(index, self)) == keepsMatching {
      members.keep(index, &self)
    }
    members.finish(&self)
  }

  /// The members of a map; a fault for a list.
  private mutating func openMap(_ call: OTTLArguments) throws(OTTLFault) -> OTTLMembers {
    let members = try call.members(0, &self)
    if members.isList { throw .wrongType }
    return members
  }

  /// Removes the members whose keys are not listed.
  mutating func keepKeys(_ call: OTTLArguments) throws(OTTLFault) {
    let keys = try listedKeys(call, of: 1)
    var members = try openMap(call)
    for index in members.indices where keys.has(members.key(index, self), self) { members.keep(index, &self) }
    members.finish(&self)
  }

  /// Keeps so many members: those listed, then the first.
  mutating func limit(_ call: OTTLArguments) throws(OTTLFault) {
    let limit = Int(clamping: try call.int(1, &self))
    let keys = try listedKeys(call, of: 2)
    var members = try openMap(call)
    guard members.count > limit else { return }
    var left = limit
    for index in members.indices where keys.has(members.key(index, self), self) { left &-= 1 }
    for index in members.indices {
      let isListed = keys.has(members.key(index, self), self)
      if !isListed, left <= 0 { continue }
      if !isListed { left &-= 1 }
      members.keep(index, &self)
    }
    members.finish(&self)
  }

  private mutating func listedKeys(_ call: OTTLArguments, of parameter: Int) throws(OTTLFault) -> ListedKeys {
    let start = begin()
    let items = try call.items(parameter, &self)
    for index in 0..<items.count {
      let key = try items.value(index, &self)
      guard key.kind == .string else { throw key.isNone ? .nothing : .wrongType }
      try add(key.text, .none)
    }
    return ListedKeys(uniqueMap(from: start), self)
  }

  /// Keys that are listed.
  private struct ListedKeys {
    private let keys: OTTLValue
    private let places: KeyPlaces

    init(_ keys: OTTLValue, _ run: borrowing OTTLRun) {
      self.keys = keys
      places = KeyPlaces(of: keys, in: run)
    }

    func has(_ key: UnsafeRawBufferPointer, _ run: borrowing OTTLRun) -> Bool {
      places.place(of: key, in: keys, run) != nil
    }
  }

  // MARK: Lists

  /// Adds values to a list, which a target that is none becomes.
  mutating func append(_ call: OTTLArguments) throws(OTTLFault) {
    let target = try get(call.path(0, self))
    let start = begin()
    switch target.kind {
    case .none: break
    case .list: for index in 0..<target.memberCount { try add(member(index, of: target)) }
    default: try add(target)
    }
    if call.has(1, self) { try add(try call.value(1, &self)) }
    let items = try call.items(2, &self)
    for index in 0..<items.count { try add(try items.value(index, &self)) }
    let list = list(from: start)
    try set(call.path(0, self), to: list)
  }

  /// Removes elements of a list, from one to before another; one if no end is given.
  mutating func deleteIndex(_ call: OTTLArguments) throws(OTTLFault) {
    var members = try call.members(0, &self)
    if !members.isList { throw .wrongType }
    let start = try call.int(1, &self)
    let (next, overflow) = start.addingReportingOverflow(1)
    let end = call.has(2, self) ? try call.int(2, &self) : next
    guard !overflow, start >= 0, start <= end, end <= Int64(members.count) else { throw .outOfRange }
    for index in members.indices where index < Int(start) || index >= Int(end) { members.keep(index, &self) }
    members.finish(&self)
  }

  // MARK: Values

  /// Cuts texts that are longer than the limit; a marker at the end counts in it.
  mutating func truncateAll(_ call: OTTLArguments) throws(OTTLFault) {
    let limit = Int(clamping: try call.int(1, &self))
    let (isSafe, marker) = (try call.bool(2, &self), try call.text(3, &self))
    let members = try openMap(call)
    for index in members.indices {
      let value = members.value(index, self)
      guard value.kind == .string, value.text.count > limit else { continue }
      let room = max(limit &- marker.count, 0)
      let end = isSafe ? bytes(value.text).characterStart(room) : room
      var cut = value.text.part(0..<end)
      if !marker.isEmpty {
        try write(bytes(cut))
        try write(bytes(marker))
        cut = try finishText()
      }
      try members.set(index, to: .string(cut), &self)
    }
  }

  /// Makes each value its text.
  mutating func stringifyAll(_ call: OTTLArguments) throws(OTTLFault) {
    let members = try openMap(call)
    for index in members.indices {
      let value = members.value(index, self)
      if value.kind == .string { continue }
      try members.set(index, to: .string(try textOf(value)), &self)
    }
  }

  // MARK: Flatten

  /// Puts the members of maps and lists inside a map into it, under keys with points.
  mutating func flatten(_ call: OTTLArguments) throws(OTTLFault) {
    let prefix = try call.text(1, &self)
    let depth = try call.int(2, &self)
    let resolves = try call.bool(3, &self)
    let target = try openMap(call)
    if prefix.isEmpty, !hasInner(target.value) { return }
    let start = begin()
    try flatten(target.value, Flattening(levels: depth, numbersElements: !resolves), prefix)
    let flat = resolves ? try resolved(map(from: start)) : uniqueMap(from: start)
    try set(call.path(0, self), to: flat)
  }

  /// Whether there is a map or a list in a map.
  private func hasInner(_ map: OTTLValue) -> Bool {
    for index in 0..<map.memberCount {
      let kind = member(index, of: map).kind
      if kind == .map || kind == .list { return true }
    }
    return false
  }

  /// How members are brought up.
  private struct Flattening {
    /// Levels from which members are still brought up.
    let levels: Int64
    /// Whether elements get their index behind the key; else all have the key of their list.
    let numbersElements: Bool

    func below(_ count: Int64) -> Flattening {
      Flattening(levels: max(levels, count) &- count, numbersElements: numbersElements)
    }
  }

  /// Adds the members of a map, and those inside them as deep as is asked for.
  private mutating func flatten(
    _ map: OTTLValue, _ form: Flattening, _ prefix: OTTLText
  ) throws(OTTLFault) {
    for index in 0..<map.memberCount {
      let key = try joined(prefix, map, index)
      try bringUp(member(index, of: map), as: key, form)
    }
  }

  /// Adds a value, or what is in it. Lists in lists count for two levels, as in the Collector, and the indices in the
  /// inner one have no point before them.
  private mutating func bringUp(_ value: OTTLValue, as key: OTTLText, _ form: Flattening) throws(OTTLFault) {
    if value.kind == .map, form.levels > 0 { return try flatten(value, form.below(1), key) }
    guard value.kind == .list, form.levels > 0 else { return try add(key, value) }
    for index in 0..<value.memberCount {
      let element = member(index, of: value)
      let isNested = form.levels > 1 && (element.kind == .map || element.kind == .list)
      let own = isNested || form.numbersElements ? try joined(key, value, index) : key
      switch element.kind {
      case .map where isNested: try flatten(element, form.below(2), own)
      case .list where isNested:
        for inner in 0..<element.memberCount {
          try write(bytes(own))
          out.appendDecimal(UInt64(inner))
          try bringUp(member(inner, of: element), as: try finishText(), form.below(3))
        }
      default: try add(own, element)
      }
    }
  }

  /// A key behind a prefix and a point; the index of an element.
  private mutating func joined(_ prefix: OTTLText, _ value: OTTLValue, _ index: Int) throws(OTTLFault) -> OTTLText {
    let key = key(index, of: value)
    if prefix.isEmpty, value.kind == .map { return key }
    try write(bytes(prefix))
    if !prefix.isEmpty { out.append(".") }
    if value.kind == .map { try write(bytes(key)) } else { out.appendDecimal(UInt64(index)) }
    return try finishText()
  }

  /// A map whose repeated keys get `.0`, `.1` and so on behind them.
  private mutating func resolved(_ map: OTTLValue) throws(OTTLFault) -> OTTLValue {
    if !mayRepeatKeys(map) { return map }
    var seen: [[UInt8]: Int] = [:]
    let start = begin()
    for index in 0..<map.memberCount {
      let key = key(index, of: map)
      let name = Array(bytes(key))
      guard let count = seen[name] else {
        seen[name] = 0
        try add(key, member(index, of: map))
        continue
      }
      seen[name] = count &+ 1
      try write(bytes(key))
      out.append(".")
      out.appendDecimal(UInt64(count))
      try add(try finishText(), member(index, of: map))
    }
    return uniqueMap(from: start)
  }
}
