// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Storage that containers of a Pod may mount: a name and exactly one source.
public struct Volume: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    public var hostPath: HostPathVolumeSource?
    public var emptyDir: EmptyDirVolumeSource?
    public var gcePersistentDisk: GCEPersistentDiskVolumeSource?
    public var awsElasticBlockStore: AWSElasticBlockStoreVolumeSource?
    public var gitRepo: GitRepoVolumeSource?
    public var secret: SecretVolumeSource?
    public var nfs: NFSVolumeSource?
    public var iscsi: ISCSIVolumeSource?
    public var glusterfs: GlusterfsVolumeSource?
    public var persistentVolumeClaim: PersistentVolumeClaimVolumeSource?
    public var rbd: RBDVolumeSource?
    public var flexVolume: FlexVolumeSource?
    public var cinder: CinderVolumeSource?
    public var cephfs: CephFSVolumeSource?
    public var flocker: FlockerVolumeSource?
    public var downwardAPI: DownwardAPIVolumeSource?
    public var fc: FCVolumeSource?
    public var azureFile: AzureFileVolumeSource?
    public var configMap: ConfigMapVolumeSource?
    public var vsphereVolume: VsphereVirtualDiskVolumeSource?
    public var quobyte: QuobyteVolumeSource?
    public var azureDisk: AzureDiskVolumeSource?
    public var photonPersistentDisk: PhotonPersistentDiskVolumeSource?
    public var projected: ProjectedVolumeSource?
    public var portworxVolume: PortworxVolumeSource?
    public var scaleIO: ScaleIOVolumeSource?
    public var storageos: StorageOSVolumeSource?
    public var csi: CSIVolumeSource?
    public var ephemeral: EphemeralVolumeSource?
    public var image: ImageVolumeSource?

    public init() {}
}
