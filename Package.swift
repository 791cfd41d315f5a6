// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// On the way of every request: that access to memory is exclusive is checked at run time by builds for tests alone
/// (docs/decisions/0306-exclusive-access.md).
let requestPath: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// A layer of the gateway: a Swift target with the house's settings.
func layer(_ name: String, _ dependencies: [Target.Dependency], _ more: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

/// The tests of one layer, in a folder that mirrors its sources.
func tests(_ name: String, _ dependencies: [Target.Dependency], _ more: [SwiftSetting] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

/// A C library of the system, where compilers and linkers look by themselves; its module map names it to the linker.
/// pkg-config would name the folder of the shared libraries first, and a release takes the archives (`.ci/release`).
func system(_ name: String, apt: String) -> Target { .systemLibrary(name: name, providers: [.apt([apt])]) }

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// The commit, which `make build` tells; it is in the environment so that a change of it is seen.
let commit: [CSetting] = Context.environment["SLUICE_COMMIT"].map { [.define("SLUICE_COMMIT", to: "\"\($0)\"")] } ?? []

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "sluice", targets: ["sluice"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    // Layer 0: C libraries.
    system("CNGHTTP2", apt: "libnghttp2-dev"),
    system("CProtobufC", apt: "libprotobuf-c-dev"),
    system("CDeflate", apt: "libdeflate-dev"),
    system("CZstd", apt: "libzstd-dev"),
    system("CYAML", apt: "libyaml-dev"),
    .target(name: "COTLP", dependencies: ["CProtobufC"], linkerSettings: [.linkedLibrary("protobuf-c")]),
    .target(name: "CDisk"),
    .target(name: "CVector"),
    // The words of texts, for search.
    .target(name: "CWords"),
    // Hash functions of libcrypto, with a state for each thread.
    .target(name: "CDigest", linkerSettings: [.linkedLibrary("crypto")]),
    // Password hashes of the system's libcrypt.
    .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
    .target(name: "CSystemCalls", cSettings: commit),
    // The page to look at: its files lie in the folder as a browser gets them, and the compiler reads them (#embed).
    .target(name: "CPage", exclude: ["Page"]),
    // RE2 is C++; a target of our own gives it a C header. libre2-dev keeps its headers where compilers look.
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),

    // Layer 1: options, bytes, files and connections; nothing here knows what a log is.
    layer("Options", []),
    layer("Files", []),
    layer("FrameQueues", ["CDisk"], [.strictMemorySafety()]),
    layer("HTTPTransport", ["CNGHTTP2", "CDigest", nioCore, nioPosix, nioHTTP1, nioSSL], [.strictMemorySafety()]),

    // Layer 2: logs, without sockets, files or clocks.
    layer("LogPipeline", ["Options", "FrameQueues", "COTLP", "CRE2", "CVector", "CDigest"], requestPath),

    // Layer 2: who a sender is, and what the gateway says of itself to others.
    layer(
      "Access",
      [
        "Options", "Files", "HTTPTransport", "CDigest", "CCrypt", nioCore, nioPosix, nioHTTP1, nioSSL, jwtKit,
      ]),

    // Layer 3: the two edges.
    layer(
      "OTLPReceiver",
      [
        "LogPipeline", "Access", "Options", "FrameQueues", "HTTPTransport", "COTLP", "CDeflate", "CZstd",
        nioCore, nioPosix, nioHTTP1,
      ], requestPath),
    layer(
      "LogExport",
      [
        "LogPipeline", "Access", "Options", "Files", "FrameQueues", "HTTPTransport", "CDeflate", "CZstd",
        nioCore, nioPosix, nioHTTP1, nioSSL, asyncHTTPClient, logging,
      ]),

    // Layer 3: records kept on this disk, and searched.
    layer("LogStore", ["LogPipeline", "Options", "FrameQueues", "CDisk", "CWords", "CZstd"]),

    // Layer 4: configuration and assembly.
    layer(
      "Gateway",
      [
        "OTLPReceiver", "LogExport", "LogStore", "LogPipeline", "Access", "Options", "Files", "FrameQueues",
        "HTTPTransport", "CYAML", "CSystemCalls", "CPage", nioCore, nioPosix, nioHTTP1, nioSSL, logging,
      ]),

    // Layer 5: the command.
    .executableTarget(
      name: "sluice",
      dependencies: [
        "Gateway", "LogExport", "LogStore", "Options", "FrameQueues", "CSystemCalls", argumentParser,
      ],
      swiftSettings: settings),

    // The decoders held against libprotobuf-c; `make fuzz` builds the command.
    .target(
      name: "Oracle", dependencies: ["LogPipeline", "Options", "FrameQueues", "COTLP"], path: "Fuzz/Oracle",
      swiftSettings: settings),
    tests("OracleTests", ["Oracle", "LogPipeline", "Options"]),

    // They read all sources: optimised, since that takes minutes otherwise.
    tests("TidyTests", [], [.unsafeFlags(["-O"])]),
    // Options are tested as users write them, in YAML, which the gateway reads.
    tests("OptionsTests", ["Options", "Gateway"]),
    tests("FilesTests", ["Files"]),
    tests("AccessTests", ["Access", "Options", "Files", "HTTPTransport", "Gateway", nioSSL, jwtKit]),
    tests("LogPipelineTests", ["LogPipeline", "Options", "Files", "FrameQueues", "Gateway", "CVector", "Oracle"]),
    tests(
      "OTLPReceiverTests",
      [
        "OTLPReceiver", "LogPipeline", "Access", "Options", "FrameQueues", "HTTPTransport", "COTLP", "CDeflate",
        "CZstd", nioCore, nioPosix, nioHTTP1, nioEmbedded, asyncHTTPClient,
      ]),
    tests(
      "GatewayTests",
      [
        "Gateway", "OTLPReceiver", "LogExport", "LogStore", "LogPipeline", "Access", "Options", "Files",
        "FrameQueues", "HTTPTransport", "CSystemCalls",
        nioCore, nioPosix,
        nioSSL, logging,
      ]),
    tests("FrameQueuesTests", ["FrameQueues", "CDisk"]),
    tests(
      "LogExportTests",
      [
        "LogExport", "LogPipeline", "Access", "Options", "Files", "FrameQueues", "HTTPTransport", "CDeflate", "CZstd",
        nioCore, nioPosix, nioHTTP1, nioSSL, logging,
      ]),
    tests("LogStoreTests", ["LogStore", "LogPipeline", "Options", "FrameQueues"]),
    tests("sluiceTests", ["sluice", "Gateway", "LogExport", "Options", "FrameQueues", argumentParser]),
    tests("HTTPTransportTests", ["HTTPTransport", "CNGHTTP2", nioCore, nioPosix, nioHTTP1, nioEmbedded, nioSSL]),
  ]
)

if Context.environment["SLUICE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "sluice-fuzz", dependencies: ["Oracle", "LogPipeline", "Options"], path: "Fuzz/Command",
      swiftSettings: settings))
}

if Context.environment["SLUICE_BENCHMARKS"] != nil {
  package.targets += [
    .executableTarget(
      name: "sluice-micro", dependencies: ["LogPipeline", "Options", "FrameQueues", "LogExport", "CDeflate", "CZstd"],
      path: "Benchmarks/Micro", swiftSettings: settings),
    .executableTarget(
      name: "sluice-sink", path: "Benchmarks/Sink", swiftSettings: settings),
  ]
}
