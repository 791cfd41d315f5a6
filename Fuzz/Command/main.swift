import Glibc
import Oracle

/// `sluice-fuzz [runs] [seed]`: holds the decoders against libprotobuf-c over mutated requests.
let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let runs = arguments.first ?? 1_000_000
let seed = arguments.dropFirst().first ?? 1
var accepted = 0
var refused = 0
var stricter = 0
var repeated = 0
var differing = 0
var generator = RequestGenerator(seed: seed)
var mutator = Mutator(seed: seed &+ 1)
var body = generator.request()
var other = generator.request()

for run in 0..<runs {
  if run % 50 == 0 {
    other = body
    body = generator.request()
  }
  let mutated = mutator.mutate(body, other: other)
  switch ProtobufOracle.compare(mutated) {
  case .bothAccept: accepted += 1
  case .bothRefuse: refused += 1
  case .stricter: stricter += 1
  case .repeated: repeated += 1
  case .differ(let how):
    differing += 1
    if differing <= 10 { print("\(mutated)\n  \(how)") }
  }
}
print(
  """
  \(runs) runs from seed \(seed): \(accepted) accepted alike, \(refused) refused alike, \
  \(stricter) refused by the stricter rules, \(repeated) with a message joined, \(differing) differ
  """)
if differing > 0 { exit(1) }
