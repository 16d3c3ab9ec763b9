import KargoCore

/// Writes a text to a file.
struct FileWriteStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var contents: String
        var permissions: String?
        var overwrite: Bool?
    }

    /// What may not be done, ever.
    private struct Refusal: Error {
        let reason: String
    }

    static let kind = "file-write"
    static var schema: [UInt8] { PackageResources.file_write_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let permissions = try Self.permissions(config.permissions)
            try await Cancellation.blocking { cancellation in
                let location = try Self.location(of: config.path, in: try WorkDirectory(step.workDir))
                if config.overwrite != true { try Self.refuseTaken(location, config.path) }
                try cancellation.check()
                let target = try location.makingParents("write")
                try target.directory.writeFile(target.name, text: config.contents, permissions: permissions)
            }
        } catch let refusal as Refusal {
            return .failed(refusal.reason)
        } catch let error as FileError {
            return .errored("error writing file \"\(config.path)\": \(error)")
        }
        return .succeeded()
    }

    private static func refuseTaken(_ location: Location, _ path: String) throws {
        if location.rest.count > 1 { return }
        if let name = location.rest.first, try location.directory.status(ifPresent: name) == nil { return }
        throw Refusal(reason: "file \"\(path)\" already exists; set overwrite to true to replace it")
    }

    private static func names(of path: String) throws -> [FileName] {
        guard let written = WrittenPath(path.utf8) else {
            throw Refusal(reason: "path \(path.debugDescription) contains a zero byte")
        }
        if written.isAbsolute { throw Refusal(reason: "path \"\(path)\" must be relative") }
        guard let names = written.cleaned else {
            throw Refusal(reason: "path \"\(path)\" attempts to traverse outside the working directory")
        }
        if names.contains(where: { $0.bytes.elementsEqual(".git".utf8) }) {
            throw Refusal(reason: "writing to the .git directory is forbidden: \"\(path)\"")
        }
        return names
    }

    /// Follows the path; a link on the way or at its end is refused.
    private static func location(of path: String, in workDirectory: WorkDirectory) throws -> Location {
        let names = try names(of: path)
        do throws(FileError) {
            return try workDirectory.locate(FilePath(names), links: .refused)
        } catch {
            guard error.code == .link else { throw error }
            throw Refusal(reason: "path \"\(path)\" resolves to a different path: \(error)")
        }
    }

    private static func permissions(_ text: String?) throws -> FilePermissions {
        guard let text, !text.isEmpty else { return .standard }
        guard let permissions = UInt32(text, radix: 8) else {
            throw Refusal(reason: "invalid permissions \"\(text)\": must be an octal file mode")
        }
        if permissions & 0o111 != 0 {
            throw Refusal(reason: "permissions \"\(text)\" must not include executable bits")
        }
        if permissions & 0o002 != 0 { throw Refusal(reason: "permissions \"\(text)\" must not be world-writable") }
        return .exactly(permissions)
    }
}
