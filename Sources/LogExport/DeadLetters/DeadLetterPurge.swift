/// Removes the dead letters that a filter matches from a file. Returns how many.
package func purgeDeadLetters(path: String, matching filter: DeadLetterFilter) throws(FileFailure) -> Int {
  let rewrite = try DeadLetterRewrite(path: path)
  var reader = try DeadLetterReader(path: path)
  var purged = 0
  while let line = try reader.next() {
    guard let letter = line.letter, filter.matches(letter, in: line) else { continue }
    rewrite.remove(line.range)
    purged += 1
  }
  if purged > 0 { try rewrite.commit(from: reader.offset) }
  return purged
}
