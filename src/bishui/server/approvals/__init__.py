"""Setting of outfalls (排污口设置): approval (审批) and registration (登记) of new, changed, enlarged ones.

Special areas (特殊保护区域) live here too. A granted application makes or changes the outfall, by
the services of `server.outfalls`.
"""
