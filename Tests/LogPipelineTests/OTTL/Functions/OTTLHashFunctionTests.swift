import Testing

@testable import LogPipeline

@Suite struct OTTLHashFunctionTests {
  @Test(arguments: [
    ("SHA256(body)", "abc", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"),
    ("SHA1(body)", "abc", "'a9993e364706816aba3e25717850c26c9cd0d89d'"),
    ("MD5(body)", "abc", "'900150983cd24fb0d6963f7d28e17f72'"),
    (
      "SHA512(body)", "abc",
      "'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f'"
    ),
    ("FNV(body)", "foobar", "-8821353812377114648"), ("FNV(body)", "", "-3750763034362895579"),
    ("Murmur3Hash(body)", "hello", "'47fa8b24'"),
    ("Murmur3Hash128(body)", "hello", "'029bbd41b3a7d8cb191dae486a901e5b'"),
    ("XXH3(body)", "", "'2d06800538d394c2'"), ("XXH128(body)", "", "'99aa06d3014798d86001c324468d497f'"),
    (#"SHA256(attributes["i"])"#, "", "!wrongType"), (#"SHA256(attributes["none"])"#, "", "!nothing"),
    ("Len(UUID())", "", "36"),
    (#"HasPrefix(UUIDv7(), "018bcfe5-6800-7")"#, "", "true"),
    ("TraceID(0x0102030405060708090a0b0c0d0e0f10)", "", "trace 72623859790382856 651345242494996240"),
    ("TraceID(body)", "0102030405060708090a0b0c0d0e0f10", "trace 72623859790382856 651345242494996240"),
    ("TraceID(body)", "01", "!badText"), ("TraceID(body)", "x102030405060708090a0b0c0d0e0f10", "!badText"),
    ("TraceID(0x01)", "", "!badText"), (#"TraceID(attributes["i"])"#, "", "!wrongType"),
    ("SpanID(0x0102030405060708)", "", "span 72623859790382856"),
    ("SpanID(body)", "0102030405060708", "span 72623859790382856"), ("SpanID(body)", "01020304050607", "!badText"),

    (#"CommunityID("128.232.110.120", 34855, "66.35.250.204", 80)"#, "", "'1:LQU9qZlK+B5F3KDmev6m5PMibrg='"),
    (#"CommunityID("66.35.250.204", 80, "128.232.110.120", 34855, "TCP", 1)"#, "", "'1:3V71V58M3Ksw/yuFALMcW0LAHvc='"),
    (#"CommunityID(body, 1, "66.35.250.204", 80)"#, "x", "!badText"),
    (#"CommunityID(body, 0, "66.35.250.204", 80)"#, "1.1.1.1", "!outOfRange"),
    (#"CommunityID(body, 65536, "66.35.250.204", 80)"#, "1.1.1.1", "!outOfRange"),
    (#"CommunityID(body, 1, "66.35.250.204", 80, "IGMP")"#, "1.1.1.1", "!badText"),
    (#"CommunityID(body, 1, "66.35.250.204", 80, "UDP", 65536)"#, "1.1.1.1", "!outOfRange"),
    ("Log(1)", "", "0.0d"), (#"Log(attributes["n"])"#, "", "2.833213344056216d"), ("Log(0)", "", "!outOfRange"),
    ("Log(-1.5)", "", "!outOfRange"), (#"Log(attributes["none"])"#, "", "!nothing"), ("Log(body)", "x", "!badText"),
    (#"IsInCIDR(body, ["10.0.0.0/8", "::1/128"])"#, "10.1.2.3", "true"),
    (#"IsInCIDR(body, ["10.0.0.0/8", "::1/128"])"#, "::1", "true"),
    (#"IsInCIDR(body, ["10.0.0.0/8"])"#, "11.1.2.3", "false"), (#"IsInCIDR(body, ["10.0.0.0/8"])"#, "x", "false"),
    (#"IsInCIDR("10.1.1.1", [body])"#, "10.0.0.0/8", "true"), (#"IsInCIDR("10.1.1.1", [body])"#, "x", "!badText"),
    (#"IsInCIDR("x", [body])"#, "10.0.0.0/8", "false"), (#"IsInCIDR(body, [attributes["i"]])"#, "", "!wrongType"),
    ("IsValidLuhn(body)", "4539 5787 6362 1486", "true"), ("IsValidLuhn(body)", "4539578763621487", "false"),
    (#"IsValidLuhn(17893729974)"#, "", "true"), (#"IsValidLuhn(17893729975)"#, "", "false"),
    (#"IsValidLuhn(attributes["i"])"#, "", "true"), (#"IsValidLuhn(attributes["d"])"#, "", "!badText"),
    (#"IsValidLuhn(attributes["none"])"#, "", "!nothing"), (#"IsValidLuhn(-18)"#, "", "!badText"),
    ("IsValidLuhn(body)", "", "false"), ("IsValidLuhn(body)", "12a", "!badText"),
  ])
  func converters(_ expression: String, _ body: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression, body: body) == expected)
  }

  @Test func networksAreCheckedAtLoad() throws {
    let problem = try OTTLTesting.problem(#"set(body, "x") where IsInCIDR(body, ["10.0.0.0/33"])"#)
    #expect(problem?.contains("10.0.0.0/33") == true)
  }

  @Test func idsAreNotTheSameTwice() throws {
    var batch = try OTTLTesting.batch(of: ["", "", ""])
    #expect(
      try OTTLTesting.run(#"set(attributes["id"], UUID())"#, #"set(attributes["id7"], UUIDv7())"#, on: &batch) == [
        nil, nil,
      ])
    let none = "trace_id == TraceID(0x00000000000000000000000000000000)"
    #expect(try OTTLTesting.matches("UUID() != UUID() and \(none)", in: batch) == [true, true, true])
    let ids = batch.recordAttributes.flatMap { $0.map { "\($0.value)" } }
    #expect(Set(ids).count == 6)
  }
}
