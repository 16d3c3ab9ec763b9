/// The version of this project.
enum KargoVersion {
    static let current = "0.1.0"
}
