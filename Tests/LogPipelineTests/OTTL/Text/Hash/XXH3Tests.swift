import Testing

@testable import LogPipeline

/// Expected hashes are those of the reference implementation, of bytes that count up by seven from three.
@Suite struct XXH3Tests {
  @Test(arguments: [
    (0, "2d06800538d394c2", "99aa06d3014798d86001c324468d497f"),
    (1, "13e608bc156defed", "22bbb76b211a39ba13e608bc156defed"),
    (2, "1c9074b93943b86c", "a6b9dd53b14487221c9074b93943b86c"),
    (3, "a9088dda485b481c", "ce31763cbf8245a5a9088dda485b481c"),
    (4, "6d9253b16c8b1ed3", "47197970590746b1788a609154b0fe20"),
    (7, "8e8291ad89127e2e", "a051eefb8df8740e7af1e487627dd4bc"),
    (8, "60539db630471163", "e3bc8a5f461715553cd024e3d63a1588"),
    (9, "feff668361d723a8", "c72c88247a9a56d7eafab1c7f123109f"),
    (15, "9ec169f4a98231c1", "68f75783c1d1a650c30b29715d7282a3"),
    (16, "b8c859b0f030b585", "ce0b9647ab24f88460d75c5e47d40a24"),
    (17, "714a04408e79b80f", "bfd327edcc2fbd12eeed7654312a26d7"),
    (32, "19ff4ee1d6ba1a55", "4f130f27ab6baf45d761fd22e8ad5262"),
    (33, "3e44983ad21679c8", "d15b272993d9830f4193c535612ac940"),
    (64, "287eb1fa9e4be2c1", "fed953fe6a8b2b63aa549d72c69cd267"),
    (65, "829218de4d798646", "9f5580903f79bec343622ea01271a860"),
    (96, "f084e7cfbc624743", "2a350495986db37a0ab63bcfbc907abb"),
    (97, "1daa83271a8e7b7c", "3ffe2e0f781d623c8d17d1afec22619e"),
    (128, "67425a03650261bf", "1b1962a096bac78bc580008b6c92ac53"),
    (129, "c664bf3311c6abc4", "293e4968c4619023bd91ce7ace4d385b"),
    (159, "46e7dc05354efbb8", "8a0a63a01ba7e83adcbee76d3b570623"),
    (160, "d70dea8de694b883", "d71519a37cb75ab60e298e02860a8fd0"),
    (191, "c86c897e49f50fc0", "738b979208f753f22796ec5c23740beb"),
    (192, "78ba6e57be15802f", "5b0037784bee7fc64ed998764c521fac"),
    (240, "64556dc6b462a6cf", "ad46c1021b076bc704e0b5f034bee80b"),
    (241, "8beadd3a8874fe17", "ac6c3492c3d6b45d8beadd3a8874fe17"),
    (255, "b67b6637a76e6c39", "d054b43eb9c37cd3b67b6637a76e6c39"),
    (256, "3c38817f6d79c0da", "77f21db933350c7e3c38817f6d79c0da"),
    (1023, "d26986a0b85dcc44", "dedd3c0d6bceed34d26986a0b85dcc44"),
    (1024, "9b81661c641c72b1", "18bc0eaca9a336369b81661c641c72b1"),
    (1025, "806c2072ed713576", "bf447251cfa98d7c806c2072ed713576"),
    (1088, "2f8781e01841f0da", "3d034f977992699d2f8781e01841f0da"),
    (2048, "abe604813ba62ed1", "f81f6e8f418d8075abe604813ba62ed1"),
    (3000, "c89178bb873c6b3d", "2f8842a022466a4fc89178bb873c6b3d"),
  ])
  func hashesAreThoseOfTheReference(_ count: Int, _ short: String, _ long: String) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
    let (hash64, hash128) = bytes.withUnsafeBytes { (XXH3.hash64(of: $0), XXH3.hash128(of: $0)) }
    #expect(written { $0.appendHex(hash64) } == short)
    #expect(
      written {
        $0.appendHex(hash128.high)
        $0.appendHex(hash128.low)
      } == long)
  }
}
