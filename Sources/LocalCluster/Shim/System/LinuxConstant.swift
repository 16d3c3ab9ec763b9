#if os(Linux)
/// Numbers of the kernel's interface that Swift's module of the C library leaves out.
enum LinuxConstant {
    static let newMountNamespace: Int32 = 0x0002_0000
    static let newUserNamespace: Int32 = 0x1000_0000
    static let openPathOnly: Int32 = 0o10_000_000
    static let emptyPath: Int32 = 0x1000
    static let setParentDeathSignal: Int32 = 1
    static let setChildSubreaper: Int32 = 36
    static let spawnInNewSession: Int16 = 0x80
    static let bind: UInt = 0x1000
    static let recursive: UInt = 0x4000
    static let remount: UInt = 0x20
    static let readOnly: UInt = 0x1
    static let unbindable: UInt = 1 << 17
    static let isPrivate: UInt = 1 << 18
    static let slave: UInt = 1 << 19
    static let detach: Int32 = 2
}
#endif
