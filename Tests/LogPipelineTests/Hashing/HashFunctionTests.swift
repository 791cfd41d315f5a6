import Testing

@testable import LogPipeline

/// Known answers, made with another implementation, of texts whose lengths lie at the borders of blocks.
@Suite struct HashFunctionTests {
  private func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

  private func hex(_ count: Int, _ function: HashFunction) -> String {
    var writer = ByteWriter()
    text(count).withUnsafeBytes { function.appendHex(of: $0, to: &writer) }
    return String(decoding: writer.array, as: UTF8.self)
  }

  @Test(arguments: [
    (0, "d41d8cd98f00b204e9800998ecf8427e"),
    (3, "f5d25c6c5c47baec29ab1d087f07dd58"),
    (55, "fe4c050c7a3d8b0c93d5baae6ca77fa1"),
    (56, "6cf06c0659a33472a3005a497c53b3ab"),
    (64, "a36738582497d785e6c27f09c9b8a15d"),
    (111, "e955600d21e9eca2274692b894ed5521"),
    (112, "85f94ed9011fce97d614b2f95b1a2f6a"),
    (113, "67fd228b2af780b96edf95f6bede4811"),
    (127, "ceff4ead35e4221b1638af4e2f8c61f9"),
    (128, "710e8d86231ece9aaf37ba5d139d2939"),
    (135, "fc03e24195f6a3f44f53f96f926f7720"),
    (136, "5754e42a4760edd1a6a45eec914e5d14"),
    (137, "36de314e4b7dc5a8890a23189934d9be"),
    (272, "1af12adfa76bad89eedccdac1153af7d"),
    (1000, "bf38fd44dfb382df1a50ee14ad83c46c"),
  ])
  func md5GivesKnownAnswers(_ count: Int, _ digest: String) { #expect(hex(count, .md5) == digest) }

  /// The examples of FIPS 180-4, and of a million times `a`.
  @Test(arguments: [
    ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
  ])
  func sha1GivesKnownAnswers(_ text: String, _ times: Int, _ digest: String) {
    var writer = ByteWriter()
    Array(String(repeating: text, count: times).utf8).withUnsafeBytes {
      HashFunction.sha1.appendHex(of: $0, to: &writer)
    }
    #expect(String(decoding: writer.array, as: UTF8.self) == digest)
  }

  @Test(arguments: [
    (0, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    (3, "4a453515f319601efd50e88ffc64c664de41401a9d49371b672e278e4ee64964"),
    (55, "619c2c21d196b731d9018004e74cd7cb9347985f10462d9bbe29859b597bf255"),
    (56, "84357bfcd387a08dcce522719c22138fcf401a7d93877440d2915e7763fd7683"),
    (64, "6ef4bc75377ecf8d629d7e25554ece96bb20eb9b3e72f828775c9e446ec33b24"),
    (111, "fbdfac9cb43f229fd4370ee7d72d25c8ee4b120f597bd5f7345159d6a19c3d01"),
    (112, "27a2f82de97fabd20c239e7e084ae8c2f1d2e4e6da41364ee8f83b17e2424a9f"),
    (113, "7e95a923e541008bf3cd88a4b0236328bc6f69b51c10ed61f01f4850851644b1"),
    (127, "9eef0b3feb9e0d4ad777925647e3e5dad9c073ceff2a4525dac0ec5e0ca49ac8"),
    (128, "5b0f4fe06cc3d55821ea30377f3a98f6c3e169618a13b2ad38a3cba189f865bb"),
    (135, "723355e02c111b19921ecbd0b5c2efb77e246cd392b1829ccf96da8bbbd83dbd"),
    (136, "51288d7e1a070f90c6003edda6a2ceeadf0d9847b04b55ff768eeb61d3a798af"),
    (137, "b3ad09aacb053a96d31b0fd700ed8dcae5d5a72db56a9480e60270dfe8e4eb93"),
    (272, "dd8c8fbe90698afb8a5b930ad52d1b5709fcedcc03755228f5ed4fed94e802e5"),
    (1000, "f24d8e746c04e894d31626c6342a32f5876b3d3ba16c6a16280090724ab324d6"),
  ])
  func sha3GivesKnownAnswers(_ count: Int, _ digest: String) { #expect(hex(count, .sha3) == digest) }

  @Test(arguments: [
    (
      0,
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    ),
    (
      3,
      "52f0143fdd6dbf28ac6e6096ee9f30a6f50712651778c4a00687725072f25ef8"
        + "5aca7a6b29cb55c03d1475cdb4090d91e7a0cbaeb6128f55f24b1bc2567db728"
    ),
    (
      55,
      "0203b7d41f991279b689ddc8eb4634e34c646d854045fd033da20f7a18c7f7ad"
        + "65047a525c426953b3e75e4bc549709c5f568084da1db4228fb540712542b48f"
    ),
    (
      56,
      "b5d2b82448e1edc1ec3bcf8be92f17f9c8c62c05645e393cceb767332681e3b0"
        + "fb9e33c3a646781c6b7b5e425682836108e5d035a5a10f97998f5842e72b5b9b"
    ),
    (
      64,
      "1899fdaafd560b685b655a0b2d129a0c11b3f6ba29e60a21fd4b1432d11f734a"
        + "b765d5cafa1b0a3e3e7b82690880cdeeff21e7a66d88c8da17f0b5da91f8e1f7"
    ),
    (
      111,
      "805fdd59b337a8480ed53ce730afb1192b47c1a83f60abac4a32a795896d0871"
        + "b2ca6f1a9adeaf30fd76ca50b558991c31d50ba83f4077cacc1388908e371523"
    ),
    (
      112,
      "a9f77fb8e5de7cdaf23f95c9f8b2dbf075e0c01a20a9670014ec7516644ba652"
        + "24261cd14c36740940b26c97152ea181ece9504b52d953193c6b600140b4f3a5"
    ),
    (
      113,
      "920ad13214b9ab4b0f7594f0d1197a3a26850f62967e1f10104c32d44352e7e9"
        + "8209a9566115b71c2519e729ba6c84c5b27d020dca5e4a951bacaf2a0c80d864"
    ),
    (
      127,
      "d67b2d3795c7c27c996d5d74347e57d8664fa56a84be4965c218eb6ae628f4dd"
        + "7199a2c7380868e94f746bed312af22d4093342f1b7930692f113ed52ddc3c1e"
    ),
    (
      128,
      "9ef6a88ed8eeeedca566959a3c3a75c59134a4618a32264f4099ac87dbd87c4b"
        + "89e2f4d180db5a52c3a3639a194477eee297fc167041537d61a8d9d2190821cc"
    ),
    (
      135,
      "12b6b2f1b4560c41d59f681dd65a73b178307c72b4e62477b32afdac6800371f"
        + "1baa2f2bb3984f17be65e1980f87277d82caf14176d751d71d57c3f60456fa5e"
    ),
    (
      136,
      "f8acdb850d93061faa1095a0ffc7f1c9311df67750a832b620bfc13e362a5c93"
        + "f25eedc875a378ae5b4b48f63492860b4dc30683661e87bd6cf8a2aed2781cbf"
    ),
    (
      137,
      "21f7b836774a9c0a714f503203a72bc4801e0459cc4e2caff45c10effbc9a011"
        + "5e3e4950b23b756a240f154487c298de2ec43d4279f9380ec135744eb1118590"
    ),
    (
      272,
      "1361cdc921bb2ba64bb9bab36764849c6718d0fe043e60648f6103ff6a0c0775"
        + "4190a08b742d67c04a12189c7ba293f67dc7ec9c0811295ade7f326e3805d860"
    ),
    (
      1000,
      "8a61ead00d8fe5381604579f3e5fbfeeced02c3bdbe130618e26ce9971f005d5"
        + "b629253264fdef166d9f4d2a11b1b1c064343e07f4be328aaf16b43239c9c3e0"
    ),
  ])
  func sha512GivesKnownAnswers(_ count: Int, _ digest: String) {
    let text = text(count)
    for cut in [0, count / 3, count] {
      var writer = ByteWriter()
      text[cut...].withUnsafeBytes { LibraryDigest.sha512.appendHex(of: $0, behind: Array(text[..<cut]), to: &writer) }
      #expect(String(decoding: writer.array, as: UTF8.self) == digest)
    }
  }
}
