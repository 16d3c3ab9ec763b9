#if os(Linux)
import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The mount namespace of a container; the process must have one thread only.
enum ContainerRoot {
    /// The kernel allows no mount namespace, or no mounts in one.
    struct NotAllowed: Error {
        var reason: SystemError
    }

    /// Gives this process a mount namespace of its own, and one of users where it is not root.
    static func enterNamespace() throws {
        let (user, group) = (getuid(), getgid())
        let isRoot = geteuid() == 0
        let flags = LinuxConstant.newMountNamespace | (isRoot ? 0 : LinuxConstant.newUserNamespace)
        do {
            try SystemError.check("make a namespace") { unshare(flags) }
            if !isRoot {
                // The order matters: the kernel takes no group map from who may still drop groups, user_namespaces(7).
                try write("deny", to: "/proc/self/setgroups")
                try write("\(user) \(user) 1", to: "/proc/self/uid_map")
                try write("\(group) \(group) 1", to: "/proc/self/gid_map")
            }
            // What is mounted on the machine later appears here too; what is mounted here does not appear there.
            try mount(nil, on: "/", flags: LinuxConstant.recursive | LinuxConstant.slave)
        } catch {
            throw NotAllowed(reason: error)
        }
    }

    /// Makes the root directory of a plan and goes into it; its steps are taken in a directory that is there for it.
    static func enter(_ plan: MountPlan, by directory: String) throws {
        do {
            try mount("tmpfs", on: directory, type: "tmpfs", options: "mode=0755")
            // Or binding the directory's own parents would bind it into itself.
            try mount(nil, on: directory, flags: LinuxConstant.unbindable)
        } catch {
            throw NotAllowed(reason: error)
        }
        for step in plan.steps { try take(step, in: directory) }
        try mount(nil, on: directory, flags: LinuxConstant.isPrivate)
        try SystemError.check("enter the root directory") { chdir(directory) }
        // The old root lands on top of the new one and is taken off: pivot_root(2).
        try SystemError.check("change the root directory") { linux_pivot_root(".", ".") }
        try SystemError.check("leave the old root directory") { umount2(".", LinuxConstant.detach) }
    }

    private static func take(_ step: MountPlan.Step, in root: String) throws {
        switch step {
        case .makeDirectory(let path): try makeDirectory(root + path)
        case .makeFile(let path): try makeFile(root + path)
        case .makeLink(let path, let target):
            try SystemError.check("make the link \(path)") { symlink(target, root + path) }
        case .showHost(let path):
            do {
                try mount(path, on: root + path, flags: LinuxConstant.bind | LinuxConstant.recursive)
            } catch {
                // It is gone since the plan was made, or nobody but its owner may see it.
                break
            }
        case .cover(let path, let mode):
            try mount("tmpfs", on: root + path, type: "tmpfs", options: "mode=0" + String(mode, radix: 8))
        case .makeInVolume(let path, let isDirectory):
            if isDirectory {
                try FileSystem.makeDirectory(path)
            } else {
                if let slash = path.lastIndex(of: "/") { try FileSystem.makeDirectory(String(path[..<slash])) }
                try makeFile(path)
            }
        case .bind(let source, let path):
            try mount(source, on: root + path, flags: LinuxConstant.bind | LinuxConstant.recursive)
        case .makeReadOnly(let path): try makeReadOnly(root + path)
        }
    }

    private static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) != 0, errno != EEXIST {
            throw SystemError(code: errno, action: "make the directory \(path)")
        }
    }

    private static func makeFile(_ path: String) throws(SystemError) {
        _ = try Descriptor(open: path, O_WRONLY | O_CREAT, mode: 0o644)
    }

    private static func makeReadOnly(_ path: String) throws(SystemError) {
        var status = statvfs()
        try SystemError.check("look at the mount \(path)") { statvfs(path, &status) }
        // The kernel refuses to let go of what the owner of the machine has restricted: mount_namespaces(7). The flags
        // that are asked for have the values of those that are told, but for the one that is told only.
        let told = UInt(status.f_flag)
        let nosuid: UInt = 0x2
        let nodev: UInt = 0x4
        let noexec: UInt = 0x8
        let noatime: UInt = 0x400
        let nodiratime: UInt = 0x800
        var flags = told & (nosuid | nodev | noexec | noatime | nodiratime)
        let toldRelatime: UInt = 0x1000
        let relatime: UInt = 1 << 21
        if told & toldRelatime != 0 { flags |= relatime }
        try mount(nil, on: path, flags: flags | LinuxConstant.bind | LinuxConstant.remount | LinuxConstant.readOnly)
    }

    private static func mount(
        _ source: String?,
        on path: String,
        type: String? = nil,
        flags: UInt = 0,
        options: String? = nil
    ) throws(SystemError) {
        try SystemError.check("mount \(source ?? "") on \(path)") {
            #if canImport(Glibc)
            Glibc.mount(source, path, type, flags, options)
            #else
            Musl.mount(source, path, type, flags, options)
            #endif
        }
    }

    private static func write(_ text: String, to path: String) throws(SystemError) {
        try Descriptor(open: path, O_WRONLY).write(Array(text.utf8))
    }
}
#endif
