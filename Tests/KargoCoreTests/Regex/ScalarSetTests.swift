import Testing

@testable import KargoCore

@Suite("sets of scalars")
struct ScalarSetTests {
    private let set = ScalarSet([0x30...0x39, 0x61...0x7A, 0x35...0x40, 0x7B...0x7B])

    @Test func `joins ranges that overlap or touch`() {
        #expect(set.ranges == [0x30...0x40, 0x61...0x7B])
    }

    @Test(arguments: [(0x2F, false), (0x30, true), (0x40, true), (0x41, false), (0x7B, true), (0x7C, false)])
    func `knows its members`(_ example: (scalar: UInt32, isMember: Bool)) {
        #expect(set.contains(example.scalar) == example.isMember)
    }

    @Test func `is the complement of its complement`() {
        #expect(set.inverted.ranges == [0...0x2F, 0x41...0x60, 0x7C...0x10_FFFF])
        #expect(set.inverted.inverted == set)
        #expect(ScalarSet().inverted == .all)
        #expect(ScalarSet.all.inverted == ScalarSet())
    }

    @Test func `unites and intersects`() {
        let other = ScalarSet([0x41...0x60, 0x100...0x200])
        #expect(set.union(other).ranges == [0x30...0x7B, 0x100...0x200])
        #expect(set.union(ScalarSet()) == set)
        #expect(ScalarSet().union(set) == set)
        #expect(set.intersection(ScalarSet([0x3F...0x62])).ranges == [0x3F...0x40, 0x61...0x62])
        #expect(set.intersection(other) == ScalarSet())
    }

    @Test func `knows an only member`() {
        #expect(ScalarSet([0x41...0x41]).onlyMember == 0x41)
        #expect(ScalarSet([0x41...0x42]).onlyMember == nil)
        #expect(ScalarSet().onlyMember == nil)
    }
}
