import KargoCore
import Testing

@testable import LocalCluster

@Suite("Impersonation")
struct ImpersonationTests {
    private let admin = Caller(username: "admin")

    @Test func `is not asked for by other headers`() throws {
        #expect(try admin.impersonating([("Accept", "*/*"), ("Authorization", "Bearer x")]) == admin)
    }

    @Test func `takes user, uid, groups and the rest from the headers`() throws {
        let caller = try admin.impersonating([
            ("Impersonate-User", "ann"), ("impersonate-uid", "7"), ("IMPERSONATE-GROUP", "b"),
            ("Impersonate-Group", "a"), ("Impersonate-Extra-example.com%2fScope", "x"),
            ("impersonate-extra-example.com%2Fscope", "y"),
        ])
        #expect(
            caller.userInfo == [
                "username": "ann", "uid": "7", "groups": ["b", "a", "system:authenticated"],
                "extra": ["example.com/scope": ["x", "y"]],
            ]
        )
    }

    @Test(arguments: [
        ("ann", ["system:authenticated"]),
        (
            "system:serviceaccount:demo:default",
            ["system:serviceaccounts", "system:serviceaccounts:demo", "system:authenticated"]
        ),
    ])
    func `knows the groups of a user who is named alone`(user: String, groups: [String]) throws {
        let info = try admin.impersonating([("Impersonate-User", user)]).userInfo
        #expect(info["groups"] == .array(groups.map(JSONValue.string)))
    }

    @Test(arguments: ["Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-a"])
    func `takes a user`(header: String) {
        let failure = #expect(throws: APIFailure.self) { try admin.impersonating([(header, "x")]) }
        #expect(failure?.code == 400)
    }
}
