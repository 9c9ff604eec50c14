namespace Cosmos.System.ScanMaps;

/// <summary>A layout.</summary>
public class USStandardLayout : ScanMapBase
{
}

/// <summary>A layout.</summary>
public class GBStandardLayout : ScanMapBase
{
}

/// <summary>A layout.</summary>
public class DEStandardLayout : ScanMapBase
{
}

/// <summary>A layout.</summary>
public class FRStandardLayout : ScanMapBase
{
}
